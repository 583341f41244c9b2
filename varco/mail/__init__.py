"""Mail: the outbox and its worker."""
