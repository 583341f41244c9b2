"""API v2: the registry of operations and one file a resource."""
