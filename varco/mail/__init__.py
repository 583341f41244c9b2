"""Mail: the outbox, and who is told what.

The flow: an act of an app calls `notifications.notify` with a notification (a kind with its facts) and its readers; the
portal, which installed itself as the composer at start-up, words it for each; `services.enqueue` writes a `Message` in
the transaction of the act; `worker.send_due`, run by the maintenance of `varco serve`, hands it to the mail server and
tries again after failures. Django's own mail (allauth's) takes the same way, through `backend.OutboxBackend`.

Words: a *notification* is what somebody is told, a *mail* its words for one reader, a *message* its row in the outbox.
"""
