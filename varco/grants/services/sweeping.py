"""Deleting what is over and of no use."""

from varco import clock
from varco.grants.models import DeviceRequest, Grant, Interaction, LogoutNotice, PushedRequest, UsedJti

UNFINISHED_KEPT = 3600  # seconds after its end that a request is kept which nobody finished
ENDED_CODES_KEPT = 86400  # seconds after its end that a code which was never redeemed is still known
NOTICES_KEPT = 30 * 86400  # seconds that a logout notice is kept once it was told, or given up


def sweep() -> dict[str, int]:
    """Delete what is over, and return how many rows of each kind went.

    Grants that had tokens are kept: they are the history of who used what.
    """
    now = clock.now()
    over = {
        "interactions": Interaction.objects.filter(expires_at__lt=now - UNFINISHED_KEPT),
        "device requests": DeviceRequest.objects.filter(expires_at__lt=now - ENDED_CODES_KEPT),
        "pushed requests": PushedRequest.objects.filter(expires_at__lt=now - UNFINISHED_KEPT),
        "used jti": UsedJti.objects.filter(expires_at__lt=now),
        "unredeemed codes": Grant.objects.filter(state=Grant.State.CODE, code_expires_at__lt=now - ENDED_CODES_KEPT),
        "logout notices": LogoutNotice.objects.filter(next_try_at=None, created_at__lt=now - NOTICES_KEPT),
    }
    return {name: rows.delete()[0] for name, rows in over.items()}
