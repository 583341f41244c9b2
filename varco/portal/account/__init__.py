"""Accounts as pages: profile, password, second factor, sessions."""
