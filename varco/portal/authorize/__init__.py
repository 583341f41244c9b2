"""Portal pages: authorize."""
