"""Statistics of the counts in the marts: plain functions on small tables."""
