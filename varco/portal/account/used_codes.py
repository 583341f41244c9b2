"""Remembers the codes of authenticator apps that were used, for as long as they would be accepted (RFC 6238 §5.2).

allauth remembers them for one time step, but accepts a code in the steps before and after its own too, and does not count
the code that set the app up.
"""

import re

from allauth.mfa import app_settings
from django.core.cache import cache

from varco.accounts.models import User


def use(user: User, code: str) -> bool:
    """Use a right code up; False if it was used before. Of two at the same moment one is the first."""
    steps = 2 * app_settings.TOTP_TOLERANCE + 1
    digits = re.sub(r"\D", "", code)  # however they were grouped
    key = f"totp_used:{user.pk}:{digits}"
    return cache.add(key, value=True, timeout=steps * app_settings.TOTP_PERIOD)
