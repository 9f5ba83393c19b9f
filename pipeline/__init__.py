"""Siyu: a customer-operations warehouse for private-domain retail."""

__version__ = "0.1.0"
