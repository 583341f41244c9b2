"""Reading keys at an address that a developer entered, to see what the gate would find there: it is asked from inside."""

from django.db import transaction

from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.registry import published_keys
from varco.registry.lifecycle import ApplicationAct, Role
from varco.registry.models import Application
from varco.registry.published_keys import PublishedKey
from varco.registry.services.limits import check_often
from varco.registry.services.locking import lock


def read_keys(application: Application, uri: str, origin: Origin, *, private_allowed: bool) -> list[PublishedKey]:
    """The keys at an address; nothing of them is kept. Each try is recorded, and counted before it is made.

    Raises `Denied`, `Conflict` where the actor has tried very often today, and `JwksError`, whose text is for the developer.
    """
    with transaction.atomic():
        locked = lock(application, origin, side=Role.DEVELOPER)
        locked.move(ApplicationAct.REVISE)
        check_often(Tag.APPLICATION_KEYS_READ, origin)
        record(Tag.APPLICATION_KEYS_READ, origin, application=locked.application, address=uri)
    return published_keys.read(uri, private_allowed=private_allowed)
