"""The machine face of Varco: token endpoints and the API. Never imports Django."""
