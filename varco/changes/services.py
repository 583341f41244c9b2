"""Telling the developers of whoever uses a deprecated operation, by every worker and once."""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction

from varco import clock
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.changes.models import DeprecatedUse, DeprecationNotice, Looked
from varco.changes.notifications import OperationsDeprecated
from varco.clinical.access import records as access_records
from varco.databases import CLINIC_ALIASES
from varco.mail.notifications import notify
from varco.registry import access, queries
from varco.registry.lifecycle import Role
from varco.registry.models import Application

DAY = 86400
RECENT = 30 * DAY
"""Seconds within which an application has used an operation that it is told about."""

SETTLED_MS = 600_000
"""Records of the last minutes are looked at once more the next time: whoever wrote them may not have committed yet."""

_log = logging.getLogger("varco.changes")


@dataclass(frozen=True, slots=True)
class Deprecated:
    """A deprecated operation; `tag` is the operation of its access records, empty where it leaves none."""

    operation: str
    change: str
    tag: str = ""
    sunset: dt.date | None = None


def tell(deprecated: Iterable[Deprecated]) -> int:
    """Tell the developers of each application that used some of these lately and was not told yet; to how many applications.

    Where telling one fails, the others are told all the same, and it is tried again the next time.
    """
    by_change: dict[str, list[Deprecated]] = defaultdict(list)
    for item in deprecated:
        by_change[item.change].append(item)
    return sum(_tell_of_change(items) for items in by_change.values())


def _tell_of_change(items: list[Deprecated]) -> int:
    now_ms, told, failed = clock.now_ms(), 0, False
    uses: dict[int, list[Deprecated]] = defaultdict(list)
    for item in items:
        for application_id in _users(item, now_ms):
            uses[application_id].append(item)
    for application_id, used in sorted(uses.items()):
        try:
            told += _tell_one(application_id, used)
        except Exception:  # noqa: BLE001 - whatever it was, the others must still have their turn
            failed = True
            _log.exception("application %s was not told of a deprecation", application_id)
    if not failed:
        for item in items:
            _looked(item, now_ms)
    return told


def _users(item: Deprecated, now_ms: int) -> set[int]:
    """Applications that have used the operation since it was last looked, and lately, and were not told of it."""
    if item.tag:
        found = {user for alias in CLINIC_ALIASES for user in _recorded(item, alias, now_ms)}
    else:
        recent = DeprecatedUse.objects.filter(operation=item.operation, last_used_at__gte=now_ms // 1000 - RECENT)
        found = set(recent.values_list("application_id", flat=True))
    told = DeprecationNotice.objects.filter(operation=item.operation, change=item.change)
    return found - set(told.values_list("application_id", flat=True))


def _recorded(item: Deprecated, alias: str, now_ms: int) -> Iterator[int]:
    known = Looked.objects.filter(operation=item.operation, change=item.change, database=alias).first()
    since = max(now_ms - RECENT * 1000, known.until_ms if known else 0)
    yield from access_records.applications_that(item.tag, alias, since)


def _looked(item: Deprecated, now_ms: int) -> None:
    if item.tag:
        for alias in CLINIC_ALIASES:
            Looked.objects.update_or_create(
                operation=item.operation,
                change=item.change,
                database=alias,
                defaults={"until_ms": now_ms - SETTLED_MS},
            )


@transaction.atomic
def _tell_one(application_id: int, used: list[Deprecated]) -> bool:
    application = queries.by_id(application_id)
    if application is None or application.state == Application.State.RETIRED:
        return False
    # In one order, so that of two workers one waits for the other, and then finds everything told.
    new = [item for item in sorted(used, key=lambda item: item.operation) if _noted(application, item)]
    if not new:
        return False
    operations, change = tuple(item.operation for item in new), new[0].change
    sunset = min((item.sunset for item in new if item.sunset), default=None)
    readers = access.whom_to_tell(application, Role.DEVELOPER)
    notify(OperationsDeprecated(application, change, operations, sunset), readers)
    record(Tag.APPLICATION_DEPRECATION_TOLD, Origin(), application=application, change=change, operations=operations)
    return True


def _noted(application: Application, item: Deprecated) -> bool:
    _row, made = DeprecationNotice.objects.get_or_create(
        application=application, operation=item.operation, change=item.change, defaults={"told_at": clock.now()}
    )
    return made


def sweep() -> int:
    """Delete uses of so long ago that nobody is told of them, and return how many."""
    return DeprecatedUse.objects.filter(last_used_at__lt=clock.now() - RECENT).delete()[0]
