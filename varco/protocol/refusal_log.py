"""Rows of the log of refused requests (S33), whoever writes them: the gate, the portal or a worker.

A row is mostly made of an `OAuthError`; some tell of something that nobody was refused, so they are no errors. Whatever a
row holds went through `storable`.
"""

from typing import NamedTuple

from varco.protocol.errors import OAuthError, storable

KEPT_A_MINUTE = 120
"""Rows kept of one application (or of none that is known) in a minute: whoever floods one fills neither the disk nor the
logs of the others."""

ROLLED_BACK = "rolled_back"
"""Code of a row that tells of a database restored to an earlier state."""


class RefusalRow(NamedTuple):
    """What a row says besides when, where, and of which application and request; in the order of its columns."""

    error: str
    rule: str
    description: str
    received: str
    expected: str
    status: int


def row(error: str, description: str, *, rule: str, received: str, expected: str, status: int) -> RefusalRow:
    """The row that says this; all of it may come from a request."""
    return RefusalRow(
        error[:60], storable(rule)[:120], storable(description), storable(received), storable(expected), status
    )


def refused(error: OAuthError) -> RefusalRow:
    """The row of a refused request."""
    # What was received and expected is storable since the error was made; done twice, the length that is told would be wrong.
    return RefusalRow(
        error.error[:60],
        storable(error.rule)[:120],
        storable(error.description),
        error.received,
        error.expected,
        error.status,
    )


def flood() -> RefusalRow:
    """The row in the place of the first refused request in a minute that is one too many."""
    return row(
        "trace_incomplete",
        "Too many requests were refused within a minute. What else was refused in it is not kept.",
        rule="S33 trace",
        received=f"more than {KEPT_A_MINUTE} refused requests in a minute",
        expected=f"at most {KEPT_A_MINUTE}",
        status=400,
    )


def rolled_back(n: int, known: int) -> RefusalRow:
    """The row that says a refresh token newer than its grant's row was taken: nobody was refused."""
    return row(
        ROLLED_BACK,
        "The server's database was restored to an earlier state. This refresh token is newer than that and was accepted; "
        "go on with the one of the answer.",
        rule="RFC 9700 §4.14.2 refresh token reuse",
        received=f"number {n}",
        expected=f"number {known}",
        status=200,
    )


def missing(count: int) -> RefusalRow:
    """The row that says how many refused requests found no room to wait in."""
    return row(
        "trace_incomplete",
        f"{count} refused requests came faster than they could be written down and are not in this list.",
        rule="S33 trace",
        received=str(count),
        expected="0",
        status=503,
    )
