"""Signing out because an application asks for it (OpenID Connect RP-Initiated Logout 1.0)."""
