"""The Dagster assets. Their bodies are thin: plain packages do the work."""
