"""Statistics of what the marts count: plain functions on small tables."""
