"""Sandboxes of a team: made, made anew and removed by whoever works on its applications (S22 to S24, S55)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction

from varco import clock
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.clinical.seed import services as seed
from varco.grants import queries as grants
from varco.mail.notifications import notify
from varco.people import clinics, sandbox_users
from varco.protocol.fault import Fault
from varco.registry import sandboxes as rows
from varco.registry import validation
from varco.registry.access import workers_of
from varco.registry.errors import Conflict, Denied, Invalid
from varco.registry.fault_codes import ConflictFault, RegistrationFault
from varco.registry.lifecycle import TeamRole
from varco.registry.models import Sandbox, Team
from varco.registry.services.teams import as_member, developer, team_for
from varco.registry.team_notifications import SandboxRemoved, SandboxUnused
from varco.scheduled import BATCH, perform_due

DAY = 86400
MAX_SANDBOXES = 5
"""Sandboxes of one team at a time."""
UNUSED_DAYS = 90
"""Days without anybody's use after which a sandbox is removed; its team is warned `WARN_DAYS` before."""
WARN_DAYS = 14
MAX_NUMBER = 2_147_483_647
PATIENTS = {Sandbox.Seed.EMPTY: 0, Sandbox.Seed.SMALL: 50, Sandbox.Seed.BUSY: 5_000}
"""How many patients each seed makes."""
BESIDE = 10
"""Patients of the other clinic, whose people are of the wrong one."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and figures that nobody takes for one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants: `number` makes the same data each time; None: any. Agendas as (name, doctor, colour)."""

    name: str
    seed: str = Sandbox.Seed.SMALL
    number: int | None = None
    language: str = "en"
    beside: str = ""  # what the other clinic is called
    agendas: Sequence[tuple[str, str, str]] = ()


def new_password() -> str:
    """A password of twenty letters and figures: 98 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))


@transaction.atomic
def create(team: Team | None, wanted: Wanted, origin: Origin) -> Sandbox:
    """Make a sandbox for a team, or for the actor's first one, ready to be used.

    Raises `Denied`, `Invalid`, and `Conflict` at `MAX_SANDBOXES`.
    """
    team = team_for(developer(origin), team, origin)
    name, number = _checked(wanted)
    if rows.number_of(team) >= MAX_SANDBOXES:
        raise Conflict(ConflictFault.SANDBOXES_TOO_MANY, limit=MAX_SANDBOXES)
    now = clock.now()
    sandbox = Sandbox(
        team=team,
        tenant=clinics.create(name, origin, sandbox=True),
        neighbour=clinics.create(wanted.beside or f"{name} (2)", origin, sandbox=True),
        seed=wanted.seed,
        number=number,
        filled_at=now,
        created_at=now,
        due_at=now + (UNUSED_DAYS - WARN_DAYS) * DAY,
    )
    rows.add(sandbox, new_password())
    sandbox_users.make(sandbox, origin, password=make_password(sandbox.password), language=wanted.language)
    _fill(sandbox, wanted.agendas)
    record(Tag.SANDBOX_CREATED, origin, tenant=sandbox.tenant, team=team.public_id, seed=sandbox.seed, number=number)
    return sandbox


@transaction.atomic
def first(team: Team | None, wanted: Wanted, origin: Origin) -> Sandbox:
    """The sandbox of a team that has none yet; of one that has, its first. Raises what `create` does."""
    team = team_for(developer(origin), team, origin)
    return rows.first_of(team) or create(team, wanted, origin)


@transaction.atomic
def reset(sandbox: Sandbox, origin: Origin, *, language: str, agendas: Sequence[tuple[str, str, str]] = ()) -> Sandbox:
    """Make its data and its users as they were at first; what people granted ends, and ids of the clinic stay. Raises `Denied`."""
    sandbox = _locked_as_worker(sandbox, origin)
    # Its users can change what others of the team sign in with, and its managers let others in.
    if not rows.password_of(sandbox):
        rows.set_password(sandbox, new_password())
    sandbox_users.leave_alone(sandbox, origin)
    sandbox_users.make(sandbox, origin, password=make_password(sandbox.password), language=language)
    _empty(sandbox)
    _fill(sandbox, agendas)
    sandbox.filled_at, sandbox.warned_at = clock.now(), None
    sandbox.due_at = sandbox.filled_at + (UNUSED_DAYS - WARN_DAYS) * DAY
    sandbox.save(update_fields=["filled_at", "warned_at", "due_at"])
    record(Tag.SANDBOX_RESET, origin, tenant=sandbox.tenant, team=_team(sandbox))
    return sandbox


@transaction.atomic
def remove(sandbox: Sandbox, origin: Origin) -> None:
    """Take a sandbox away with its data; its users sign in no more. Raises `Denied`."""
    _remove(_locked_as_worker(sandbox, origin), origin)


@transaction.atomic
def enter(sandbox: Sandbox, key: str, origin: Origin) -> None:
    """Note that somebody of the team signs in as a ready-made user. Raises `Denied`, also where that one signs in nowhere."""
    sandbox = _locked_as_worker(sandbox, origin)
    person = sandbox_users.user(sandbox, key)
    if person is None or not person.is_active:
        raise Denied
    record(Tag.SANDBOX_ENTERED, origin, user=person, tenant=sandbox.tenant, team=_team(sandbox))


def run() -> int:
    """Warn of sandboxes that nobody uses, and remove those of which was warned, and of teams that are gone; at how many something was due."""
    rows.without_team_due_now()
    return perform_due(Sandbox, look, batch=BATCH)


def look(sandbox: Sandbox) -> None:
    """See whether anybody uses a sandbox, whose claim the caller's transaction holds, and set the next date."""
    sandbox = rows.whole(sandbox.pk)
    if sandbox.team is None:
        _remove(sandbox, Origin())
        return
    now, used = clock.now(), last_used_at(sandbox)
    quiet_since = now - (UNUSED_DAYS - WARN_DAYS) * DAY
    if used > quiet_since:
        sandbox.due_at, sandbox.warned_at = used + (UNUSED_DAYS - WARN_DAYS) * DAY, None
    elif sandbox.warned_at is None or sandbox.warned_at < used:
        sandbox.due_at, sandbox.warned_at = now + WARN_DAYS * DAY, now
        notify(SandboxUnused(sandbox, UNUSED_DAYS - WARN_DAYS, WARN_DAYS), workers_of(sandbox.team_id))
        record(Tag.SANDBOX_WARNED, Origin(), tenant=sandbox.tenant, team=_team(sandbox))
    else:
        notify(SandboxRemoved(sandbox.tenant.name, sandbox.team, UNUSED_DAYS), workers_of(sandbox.team_id))
        _remove(sandbox, Origin())
        return
    sandbox.save(update_fields=["due_at", "warned_at"])


def last_used_at(sandbox: Sandbox) -> int:
    """When a sandbox was last used by anybody, made or made anew (epoch seconds)."""
    token = grants.last_used_at(sandbox_users.tenants_of(sandbox))
    return max(sandbox.filled_at, sandbox_users.last_used_at(sandbox), token)


def _locked_as_worker(sandbox: Sandbox, origin: Origin) -> Sandbox:
    """The sandbox as it stands, held with its team. Raises `Denied`."""
    if sandbox.team is None:
        raise Denied
    team, _actor = as_member(sandbox.team, origin, TeamRole.OWNER, TeamRole.MAINTAINER)
    found = rows.locked(sandbox, team)
    if found is None:
        raise Denied
    return found


def _checked(wanted: Wanted) -> tuple[str, int]:
    name = wanted.name.strip()
    faults = {"name": validation.text_faults(name, 80)}
    if len(name) < 2:
        faults["name"] = [Fault(RegistrationFault.SANDBOX_NAME)]
    if wanted.seed not in PATIENTS:
        faults["seed"] = [Fault(RegistrationFault.SANDBOX_SEED)]
    number = secrets.randbelow(MAX_NUMBER) + 1 if wanted.number is None else wanted.number
    if not 0 < number <= MAX_NUMBER:
        faults["number"] = [Fault(RegistrationFault.SANDBOX_NUMBER, {"limit": MAX_NUMBER})]
    if found := {field: each for field, each in faults.items() if each}:
        raise Invalid(found)
    return name, number


def _fill(sandbox: Sandbox, agendas: Sequence[tuple[str, str, str]]) -> None:
    main, beside = sandbox_users.tenants_of(sandbox)
    patients = PATIENTS[Sandbox.Seed(sandbox.seed)]
    seed.fill(
        main.public_id,
        database=main.database,
        seed=f"sandbox/{sandbox.number}",
        patients=patients,
        agendas=agendas if patients else (),
        zone=main.zone,
    )
    seed.fill(beside.public_id, database=beside.database, seed=f"sandbox/{sandbox.number}/beside", patients=BESIDE)


def _empty(sandbox: Sandbox) -> None:
    for tenant in sandbox_users.tenants_of(sandbox):
        seed.empty(tenant.public_id, database=tenant.database)


def _team(sandbox: Sandbox) -> str:
    """What the record says of whose it is."""
    return sandbox.team.public_id if sandbox.team else ""


def _remove(sandbox: Sandbox, origin: Origin) -> None:
    sandbox_users.retire(sandbox, origin)
    record(Tag.SANDBOX_REMOVED, origin, tenant=sandbox.tenant, team=_team(sandbox))
    main, beside = sandbox_users.tenants_of(sandbox)
    rows.delete(sandbox)
    for tenant in (main, beside):
        clinics.close_sandbox(tenant, origin)
        seed.empty(tenant.public_id, database=tenant.database)
