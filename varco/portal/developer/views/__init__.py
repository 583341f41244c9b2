"""The developer's views: `pages` show, `editing` changes a registration, `secrets` and `tenants` what hangs on it."""
