"""Password hashing: argon2id (RFC 9106) at the cost that the settings say, and no more at once than they say."""

import threading

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password

_SETTINGS = settings.VARCO
_AT_ONCE = threading.BoundedSemaphore(_SETTINGS.password_hashes)
"""Each hash takes its memory while it runs: without a bound, a rush of sign-ins takes a multiple of it."""


class PasswordHasher(Argon2PasswordHasher):
    """Hashes and verifies passwords; one hashed at another cost is hashed anew when it is next verified."""

    time_cost = _SETTINGS.password_hash_passes
    memory_cost = _SETTINGS.password_hash_memory
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """The encoded hash of a password; waits while as many as allowed are being made."""
        with _AT_ONCE:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Whether a password is the one that was hashed; waits as `encode` does."""
        with _AT_ONCE:
            return super().verify(password, encoded)


def rehashed(password: str, encoded: str) -> str:
    """The same password at today's cost, with the salt it had: for what sessions keep of it, nothing has changed."""
    return make_password(password, salt=PasswordHasher().decode(encoded)["salt"])
