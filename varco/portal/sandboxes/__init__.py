"""Sandboxes of the developer's teams: made, looked at, entered as one of their users, made anew and removed (S22 to S24)."""
