"""From raw files to landing: read, map, type, split into accepted and rejected rows."""
