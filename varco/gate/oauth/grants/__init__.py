"""Grants at the token endpoint: a file a grant type, and what they share."""
