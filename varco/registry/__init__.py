"""Registry: applications, revisions, review, secrets."""
