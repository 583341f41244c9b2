"""Varco: the gate between a multi-tenant clinic product and the software other companies write for it."""

__version__ = "0.1.0"
