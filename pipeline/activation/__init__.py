"""Activation: files for people and other systems, from the published marts alone."""
