"""What the warehouse folder holds: its files, and the records of how far it came."""
