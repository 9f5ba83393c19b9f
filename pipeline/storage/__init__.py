"""The warehouse's own records: what is kept where, and how far it came."""
