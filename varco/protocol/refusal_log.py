"""What the trace of refused requests keeps (S33), whoever writes it."""

from varco.protocol.errors import OAuthError

KEPT_A_MINUTE = 120
"""Refusals kept of one application (or of none that is known) in a minute: whoever floods one fills neither the disk nor
the traces of the others."""


def flood() -> OAuthError:
    """What stands in the place of the first refusal in a minute that is one too many."""
    return OAuthError(
        "trace_incomplete",
        "Too many requests were refused within a minute. What else was refused in it is not kept.",
        rule="S33 trace",
        received=f"more than {KEPT_A_MINUTE} refused requests in a minute",
        expected=f"at most {KEPT_A_MINUTE}",
    )


def storable(text: str) -> str:
    """What both engines keep: no NUL, nothing that is not Unicode."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
