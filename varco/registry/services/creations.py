"""Registering an application once, however often the same call comes: its answer may have been lost on the way."""

import hashlib
import json
from dataclasses import asdict

from django.db import transaction

from varco import clock
from varco.accounts import queries as accounts
from varco.audit.services import Origin
from varco.registry.access import visible_to
from varco.registry.errors import Denied
from varco.registry.models import Application, CreationKey, Team
from varco.registry.registration import Details, Registration
from varco.registry.services.applications import create_application

KEPT = 24 * 3600
"""Seconds that a key is remembered."""


class KeyReusedError(Exception):
    """The key was used to register something else."""


@transaction.atomic
def create_once(
    key: str,
    through: int,
    *,
    details: Details,
    registration: Registration,
    origin: Origin,
    team: Team | None = None,
) -> tuple[Application, bool]:
    """Register an application, or find the one that this call made before; also whether it was found.

    `key` is one person's by one application (`through`). Raises as `create_application` does, and `KeyReusedError`.
    """
    if origin.actor is None or accounts.locked(origin.actor) is None:  # calls of one person go one by one
        raise Denied
    name = _digest([origin.actor.public_id, through, key])
    fingerprint = _digest([asdict(details), asdict(registration), team.public_id if team else ""])
    CreationKey.objects.filter(pk=name, expires_at__lte=clock.now()).delete()
    found = CreationKey.objects.select_related("application").filter(pk=name).first()
    if found is None:
        made = create_application(details=details, registration=registration, origin=origin, team=team)
        CreationKey.objects.create(pk=name, fingerprint=fingerprint, application=made, expires_at=clock.now() + KEPT)
        return made, False
    if found.fingerprint != fingerprint:
        raise KeyReusedError
    if not visible_to(origin.actor).filter(pk=found.application_id).exists():  # it is another team's by now
        raise Denied
    return found.application, True


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
