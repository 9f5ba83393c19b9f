"""The configuration: settings, destinations, and the contract that sources map to."""
