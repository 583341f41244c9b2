"""Portal pages: staff."""
