"""The Dagster assets. Bodies are thin: the work is in the plain packages beside."""
