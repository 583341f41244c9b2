"""`varco keys master --status` and `varco keys reseal`: what each master key still opens, and moving it to the first. Needs Django set up."""

from datetime import UTC, datetime

from django.conf import settings

from varco import clock
from varco.audit import chain_key
from varco.audit.services import record
from varco.audit.tags import Tag
from varco.grants import queries as grants
from varco.keys import queries as keys
from varco.keys.models import MasterKeyUse
from varco.mail import queries as mail
from varco.ops import machine_user
from varco.ops.preflight import OperationError
from varco.portal import session_store
from varco.portal.account import known_devices, sealed_factors
from varco.registry import sandboxes
from varco.sealed_rows import SealedKind
from varco.signals import queries as signals

SIGNING_KEYS, FACTORS = keys.SEALED.name, sealed_factors.SEALED.name


def lasting_kinds() -> tuple[SealedKind, ...]:
    """What is lost if it does not open; of browser sessions their people sign in again."""
    return (keys.SEALED, chain_key.SEALED, sealed_factors.SEALED, mail.SEALED, signals.SEALED, sandboxes.SEALED)


def kinds() -> tuple[SealedKind, ...]:
    """All that is sealed in the databases."""
    return (*lasting_kinds(), session_store.SEALED)


def reseal() -> None:
    """Move everything to the first master key; print what was done. Raises `OperationError` if something opens under none."""
    masters = settings.MASTER_KEYS
    kid, origin = keys.master_ids(masters)[0], machine_user.origin()
    lost = 0
    for kind in kinds():

        def moved(number: int, kind: SealedKind = kind) -> None:
            record(Tag.KEY_RESEALED, origin, kind=kind.name, rows=number, key=kid)

        number = kind.move(masters, moved)
        counts = kind.census(masters)
        print(
            f"{kind.name:<18} {number} moved, {counts[0]} open under key {kid} now{_left(counts.total() - counts[0])}"
        )
        lost += counts[None] if kind in lasting_kinds() else 0
    if lost:
        raise OperationError(
            f"{lost} rows open under none of the master keys; put the key they were sealed under into VARCO_MASTER_KEYS too"
        )


def _left(number: int) -> str:
    return f", {number} do not" if number else ""


def status() -> None:
    """Print what each master key still opens, and which is spare."""
    masters = settings.MASTER_KEYS
    counted = [(kind, kind.census(masters)) for kind in kinds()]
    uses = keys.master_uses()
    for place, kid in enumerate(keys.master_ids(masters)):
        opens = [f"{counts[place]} {kind.name}" for kind, counts in counted if counts[place]]
        if place == 0:
            print(f"{kid}  in front: seals and signs; opens {', '.join(opens) or 'nothing yet'}")
            continue
        until = keys.in_front(uses, kid)
        if until is not None:
            opens += _signed(until)
        unknown = "; no running server has it yet" if uses and kid not in uses else ""
        print(f"{kid}  {_verdict(opens, until)}{unknown}")
    closed = [f"{counts[None]} {kind.name}" for kind, counts in counted if counts[None]]
    if closed:
        print(f"none      opens {', '.join(closed)}: the key they were sealed under is missing here")
    _warn_of_others(uses)


def _verdict(opens: list[str], until: int | None) -> str:
    if opens:
        return f"needed: opens {', '.join(opens)}"
    if until is None:
        return "waits: never stood in front; put it there when every server knows it"
    return "spare: opens nothing any more and can be taken out"


def _signed(until: int) -> list[str]:
    """What may have been signed until a moment and is accepted still."""
    now, found = clock.now(), []
    number = grants.refresh_tokens_before(until)
    if number:
        found.append(f"up to {number} refresh tokens")
    for name, lifetime in (
        ("links in mails and sign-ins", settings.PASSWORD_RESET_TIMEOUT),
        ("cookies of known devices", known_devices.LIFETIME),
    ):
        if until + lifetime > now:
            found.append(f"{name} until {_day(until + lifetime)}")
    return found


def _warn_of_others(uses: dict[str, MasterKeyUse]) -> None:
    """Tell of servers that have another key in front than this command."""
    first = keys.master_ids(settings.MASTER_KEYS)[0]
    since = clock.now() - keys.NOTED_EVERY
    for kid, use in uses.items():
        if kid != first and use.in_front_until is not None and use.in_front_until > since:
            print(f"!         a server has {kid} in front until now: not all of them were restarted yet")


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
