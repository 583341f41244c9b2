"""Grants: consent, authorizations, signing keys."""
