"""Audit: what was done and what was refused."""
