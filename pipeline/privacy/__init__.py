"""Forgetting a person: tombstones, erasure of every file, and the proof of it."""
