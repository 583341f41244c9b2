"""Services of tickets: everything that happens to one.

Each takes the ticket as the caller read it and an `audit.services.Origin` naming the person who acts. It locks the ticket, reads it again,
asks `tickets.access` on which side the person stands, and writes the change, its entry in the thread, its audit event and its mails in one
transaction. `version` is that of the ticket the person had before their eyes; where two could decide at once, another one means that
nothing is done.

All raise, from `registry.errors`: `Denied` (to this person the ticket does not exist, or the act is not theirs), `Conflict` (no longer possible)
and `Invalid` (faults by field).
"""

from varco.tickets.services.desk import approve, assign, refuse
from varco.tickets.services.opening import open_ticket
from varco.tickets.services.proof import confirm, deny
from varco.tickets.services.thread import Upload, close, note, reply

__all__ = ["Upload", "approve", "assign", "close", "confirm", "deny", "note", "open_ticket", "refuse", "reply"]
