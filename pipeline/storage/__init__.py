"""The warehouse folder: its files, and the records of what has been done."""
