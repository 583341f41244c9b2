"""Django's settings for mypy's plugin, which imports them without any environment set; nothing is started with these."""

import base64
import os

os.environ |= {
    "VARCO_ISSUER": "http://localhost:8000",
    "VARCO_MASTER_KEYS": base64.urlsafe_b64encode(bytes(32)).decode(),
}

from varco.portal.settings import *  # noqa: F403
