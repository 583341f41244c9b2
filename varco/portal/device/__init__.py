"""Portal pages: device."""
