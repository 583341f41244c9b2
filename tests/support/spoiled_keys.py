"""Installations whose keys do not fit, or whose database stands at an earlier state."""

import base64

from allauth.mfa.models import Authenticator

from tests.support import people
from varco import clock, sealing
from varco.accounts.models import User
from varco.audit.models import RefusedRequest
from varco.config import Settings
from varco.keys import services as keys
from varco.portal.account import sealed_factors
from varco.protocol import refusal_log


def factors_of_another_master_key(_settings: Settings) -> None:
    keys.ensure(algorithms=["ES256", "RS256", "PS256", "EdDSA"])
    stored = base64.urlsafe_b64encode(sealing.seal((b"x" * 32,), sealed_factors.PURPOSE, b"secret")).decode()
    Authenticator.objects.create(user=User.objects.first(), type="totp", data={"secret": stored})


def one_factor_of_another_master_key(settings: Settings) -> None:
    factors_of_another_master_key(settings)
    Authenticator.objects.create(user=people.sara(), type="totp", data={"secret": sealed_factors.seal("secret")})


def restored_from_a_backup(_settings: Settings) -> None:
    row = refusal_log.rolled_back(9, 3)._asdict()
    RefusedRequest.objects.create(at=clock.now_ms() - 3_600_000, request_id="r", endpoint="/oauth2/token", **row)
