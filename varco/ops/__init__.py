"""The `varco` command: serve, migrate, demo, tour, keys."""
