"""`varco demo`: an invented world, built through the real services and served by the real server."""
