"""`varco tour`: the first journey of an integration, played against a running server with real requests only."""
