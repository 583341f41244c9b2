"""The statements of the gate, a file a topic; those of an API resource stand in its folder (`varco/gate/api/<resource>/sql.py`).

Written once for both engines (`UPDATE … RETURNING`). A test prepares each against the migrated schema of SQLite and of
PostgreSQL and compares its columns with its row type, so that a changed model fails the build and not a request.
Times are epoch seconds, or milliseconds where the name ends in `_ms` or the column says so. A statement that writes on an
application's account demands the `version` that the application was read with (`conditions.application_unchanged`).
"""
