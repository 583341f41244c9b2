"""One file an OAuth endpoint."""
