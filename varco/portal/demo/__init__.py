"""Pages that exist in the demo alone: the mailbox shows the mail that would have gone out."""
