"""Portal pages: developer."""
