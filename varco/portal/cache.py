"""The cache of the portal: a table of the platform database, in which a lock is waited for."""

import time
from typing import Any

from django.conf import settings
from django.core.cache.backends.db import DatabaseCache
from django.utils.crypto import salted_hmac

_STEP = 0.02  # seconds between two tries


def stored_key(key: str, key_prefix: str, version: int) -> str:
    """What stands in the table instead of a key, in which libraries put e-mail addresses and codes: a keyed hash of it."""
    named = f"{key_prefix}:{version}:{key}"
    return salted_hmac("varco.portal.cache", named, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()


class LockingCache(DatabaseCache):
    """Django's cache in a table.

    The limits of allauth (links sent by mail, say) take a lock by `add`, give up after a second and then count as reached.
    Here `add` waits for a lock until it runs out, so that nobody is refused because many come at the same moment.
    """

    def add(self, key: Any, value: Any, timeout: Any = None, version: Any = None) -> bool:
        """Store a value under a free key; False if it is taken, of a lock only after its `timeout` (seconds)."""
        deadline = time.monotonic() + (timeout or 0)
        while not super().add(key, value, timeout, version):
            if not str(key).endswith(":lock") or time.monotonic() > deadline:
                return False
            time.sleep(_STEP)
        return True
