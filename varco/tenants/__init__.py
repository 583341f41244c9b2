"""Tenants: medical centres and their members."""
