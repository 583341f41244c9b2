"""Portal pages: connected."""
