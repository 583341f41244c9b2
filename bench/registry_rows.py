"""Many applications with all that belongs to them: rows as the services would have left them, for measuring the pages of the registry."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import transaction
from django.db.models import OuterRef, Subquery

from varco import clock, lookalike
from varco.accounts.models import User
from varco.audit.models import Event, RefusedRequest
from varco.changes.models import DeprecatedUse
from varco.grants.models import Consent, Grant
from varco.registry import placing
from varco.registry.models import (
    AllowedTenant,
    Application,
    BlockedApplication,
    ContactCheck,
    Remark,
    Review,
    ReviewMessage,
    Revision,
    RevisionHost,
    Secret,
    SecretOverlap,
    Team,
    TeamInvitation,
    TeamMember,
    Transfer,
)
from varco.signals.models import Signal, Stream
from varco.status.models import CheckedDay, Part, Standing
from varco.tenants.models import Membership, Tenant
from varco.usage.models import Counted, DayCount

DEVELOPERS, MEMBERS, CENTRES, DOCTORS = 4_000, 5, 400, 2_000
WAITING, OF_LARGE, OF_LARGEST, TEAMS_OF_ONE = 300, 100, 500, 10
BUSY_ROWS = 500
"""Refusals, signals, consents and the like of an application that pages are measured with."""
NAMES = ("Ada", "Bruno", "Carla", "Dino", "Elena", "Fabio", "Gina", "Ivo", "Lea", "Marco", "Nora", "Ugo")
WHAT = ("Agenda", "Reports", "Invoices", "Reminders", "Laboratory", "Recalls", "Archive", "Telephone", "Questionnaires")
OPERATOR, BUSY = "olga@varco.example", "busy@many.example"
ROLES = ("owner", "maintainer", "maintainer", "viewer", "viewer")
ENDS = ("approved", "changes_requested", "approved", "withdrawn", "rejected", "approved", "approved")
REJECTED = ("rejected", "changes_requested", "withdrawn")
REASON = "Whoever answers the telephone looks up who is calling, and when they were here last."
SCOPES = ("openid", "profile", "email", "offline_access", "giponext.patients", "giponext.agenda")
PLATFORM_HOST = "login.platform.example"
"""Where every fortieth application comes back to."""
_BEGAN = 1_600_000_000
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Seeded:
    """Whom and what pages are measured with: the teams of many applications, of few, and the person of ten teams."""

    operator: User
    largest: Team
    large: Team
    few: Team
    busy: User
    centre: Tenant


def seeded() -> Seeded:
    """What `seed` wrote."""
    largest, large, few = Team.objects.order_by("pk")[:3]
    return Seeded(
        User.objects.get(email=OPERATOR),
        largest,
        large,
        few,
        User.objects.get(email=BUSY),
        Tenant.objects.earliest("pk"),
    )


@transaction.atomic
def seed(size: int, teams: int, revisions: int) -> None:
    """Write all of them: `size` applications of `teams` with `revisions` each."""
    operator = User.objects.create(
        email=OPERATOR, password="!", given_name="Olga", family_name="Operator", platform_role="operator"
    )
    colleagues = User.objects.bulk_create(
        User(email=f"o{number}@varco.example", password="!", given_name=name, platform_role="operator")
        for number, name in enumerate(NAMES)
    )
    developers = User.objects.bulk_create(_developers())
    made = Team.objects.bulk_create(
        Team(name=f"{NAMES[n % 12]} {WHAT[n % 9]} {n}", created_at=_BEGAN) for n in range(teams)
    )
    TeamMember.objects.bulk_create(
        TeamMember(team=team, user=developers[(n * MEMBERS + place) % DEVELOPERS], role=role)
        for n, team in enumerate(made)
        for place, role in enumerate(ROLES)
    )
    busy = User.objects.create(email=BUSY, password="!", given_name="Bea", developer_since=_BEGAN)
    TeamMember.objects.bulk_create(
        TeamMember(team=team, user=busy, role="owner") for team in [made[1], *made[10 : 9 + TEAMS_OF_ONE]]
    )
    owners = [developers[n * MEMBERS % DEVELOPERS] for n in range(teams)]
    centres = Tenant.objects.bulk_create(
        Tenant(public_id=f"tenant-bench-{n}", name=f"Clinic {NAMES[n % 12]} {n}", kind="production", database="clinic")
        for n in range(CENTRES)
    )
    every = _applications(size, made, owners)
    _revisions(every, revisions, [operator, *colleagues])
    _of_each(every)
    of_note = list(Application.objects.filter(team__in=made[:3]))
    _use(every, of_note, centres, operator)
    _around(every, made, owners)
    _status()


def _developers() -> Iterator[User]:
    for number in range(DEVELOPERS):
        name = NAMES[number % 12]
        yield User(
            email=f"{name.lower()}{number}@house{number % 700}.example", password="!", given_name=name, family_name=f"{NAMES[number // 12 % 12]}{number}",
            developer_since=_BEGAN,
        )  # fmt: skip


def _team_at(number: int, teams: int) -> int:
    """Place of the team of an application: 500 of the first, 100 of the second, and the rest spread over all others."""
    if number < OF_LARGEST + OF_LARGE:
        return 0 if number < OF_LARGEST else 1
    return 2 + number % (teams - 2)


def _applications(size: int, teams: list[Team], owners: list[User]) -> list[Application]:
    made = []
    for number in range(size):
        at, name = _team_at(number, len(teams)), f"{WHAT[number % 9]} {NAMES[number // 9 % 12]} {number}"
        if number % 200 == 3:
            name = "Agenda Facile"
        never, stopped = number % 10 == 9, {3: "retired", 7: "suspended"}.get(number % 40, "active")
        made.append(
            Application(
                client_id=None if never else f"varco-{number:016x}", state="pending" if never else stopped,
                team=teams[at], owner=owners[at], name=name, name_key=lookalike.key(name), publisher=f"{NAMES[number % 12]} Software {number % 3000} Srl",
                description="Keeps what the practice does every day in step with what its patients see. " * 4, description_it="Tiene in passo lo studio. " * 6,
                product=WHAT[number % 9] if number % 3 else "", contacts=[f"dev{number}@house{at}.example", f"help@house{at}.example"],
                home_url=f"https://house{at}.example/", privacy_url=f"https://house{at}.example/privacy", created_at=_BEGAN + number, updated_at=_BEGAN + number,
            )
        )  # fmt: skip
    return Application.objects.bulk_create(made, _AT_ONCE)


def _state(number: int, place: int, last: int) -> str:
    """Of a revision: the last of some waits or is a draft, what was never approved has no other decision."""
    if place == last and _waits(number):
        return "submitted"
    if place == last and number % 4 == 2:
        return "draft"
    return REJECTED[place % 3] if number % 10 == 9 else "approved" if place == 1 else ENDS[(number + place) % len(ENDS)]


def _waits(number: int) -> bool:
    return number % 33 == 5 and number < 33 * WAITING


def _revisions(every: list[Application], of_each: int, operators: list[User]) -> None:
    now, rows = clock.now(), ((n, item, place) for n, item in enumerate(every) for place in range(of_each))
    while batch := list(islice(rows, _AT_ONCE * 5)):
        made = Revision.objects.bulk_create(
            [_revision(row, of_each - 1, operators[row[0] % len(operators)], now) for row in batch], _AT_ONCE
        )
        handed_in = [(row, revision) for row, revision in zip(batch, made, strict=True) if revision.state != "draft"]
        RevisionHost.objects.bulk_create(
            (RevisionHost(revision=revision, host=_host(n)) for (n, _item, _place), revision in handed_in), _AT_ONCE
        )
        Review.objects.bulk_create(
            (
                Review(
                    revision=revision, assignee=operators[n % len(operators)] if n % 3 else None, last_word=("", "developer", "operator")[n % 3],
                    due_at=now + 86400 if revision.state == "submitted" else None,
                )
                for (n, _item, _place), revision in handed_in
            ),
            _AT_ONCE,
        )  # fmt: skip
        _written([revision for _row, revision in handed_in], operators)
    approved = (
        Revision.objects.filter(application=OuterRef("pk"), state="approved").order_by("-number").values("pk")[:1]
    )
    Application.objects.exclude(client_id=None).update(live_revision=Subquery(approved))
    placing.place(Application.objects.all())


def _revision(row: tuple[int, Application, int], last: int, operator: User, now: int) -> Revision:
    number, item, place = row
    state, at = _state(number, place, last), _BEGAN + number * 1000 + place * 500_000
    decided = state in {"approved", "rejected", "changes_requested"}
    submitted = now - number * 20 if state == "submitted" else None if state == "draft" else at
    return Revision(
        application=item, number=place + 1, state=state, type="web", environment=("production", "staging", "development")[number % 3],
        grant_types=["authorization_code", "refresh_token"], redirect_uris=[f"https://{_host(number)}/callback/{place % 3}"],
        scopes=[{"name": name, "reason": REASON, "reason_it": "", "required": name == "openid"} for name in SCOPES[: 3 + place % 4]],
        claims=["profile", "tenant"], submitted_at=submitted, high_risks=number % 3, created_at=at,
        decided_at=at + 90_000 if decided else None, decided_by=operator if decided else None,
        decision_codes=[], decision_text="The reason of one scope is missing." if state in REJECTED else "",
    )  # fmt: skip


def _host(number: int) -> str:
    return PLATFORM_HOST if number % 40 == 5 else f"app{number % 2500}.house.example"


def _written(revisions: list[Revision], operators: list[User]) -> None:
    """Threads, notes and remarks."""
    some = [revision for revision in revisions if revision.pk % 5 == 0 or revision.state == "submitted"]
    ReviewMessage.objects.bulk_create(
        (
            ReviewMessage(
                application_id=revision.application_id, revision=revision, sort=sort, side=side, author=operators[0], author_name="Olga", text=REASON,
            )
            for revision in some
            for sort, side in (("message", "operator"), ("message", "developer"), ("note", "operator"))
        ),
        _AT_ONCE,
    )  # fmt: skip
    remarked = [revision for revision in some if revision.state in {"changes_requested", "rejected"}]
    Remark.objects.bulk_create(
        (Remark(revision=revision, field="scopes", text=REASON) for revision in remarked), _AT_ONCE
    )


def _of_each(every: list[Application]) -> None:
    """Secrets, events, checks of contacts, limits to centres' people, refusals."""
    now = clock.now()
    Secret.objects.bulk_create(
        (
            Secret(
                application=item, label=f"server {place}", digest=f"{item.pk:060x}{place:04x}", hint="abcd", created_by_id=item.owner_id,
                expires_at=(None, now + 86400 * (5 + item.pk % 200), now - 86400)[item.pk % 3], revoked_at=now if place == 2 else None,
            )
            for item in every
            for place in range(3)
            if item.client_id
        ),
        _AT_ONCE,
    )  # fmt: skip
    tags = ("application.created", "application.edited", "revision.submitted", "revision.approved", "secret.created")
    _events(every, tags, 10)
    ContactCheck.objects.bulk_create(
        (
            ContactCheck(application=item, address=address, sent_at=now, confirmed_at=now if item.pk % 2 else None)
            for item in every
            for address in item.contacts
        ),
        _AT_ONCE,
    )
    SecretOverlap.objects.bulk_create(
        SecretOverlap(application=item, method="client_secret_basic", begun_at=now, ends_at=now + 864_000)
        for item in every[::50]
    )
    RefusedRequest.objects.bulk_create(_refusals(every, 3), _AT_ONCE)


def _events(several: Iterable[Application], tags: tuple[str, ...], of_each: int) -> None:
    Event.objects.bulk_create(
        (
            Event(at=(_BEGAN + item.pk * 1000) * 1000 + place, tag=tags[place % len(tags)], actor=f"user-{item.owner_id}", application_id=item.pk, application_name=item.name)
            for item in several
            for place in range(of_each)
        ),
        _AT_ONCE,
    )  # fmt: skip


def _refusals(several: Iterable[Application], of_each: int) -> Iterator[RefusedRequest]:
    now = clock.now_ms()
    for item in several:
        for place in range(of_each):
            yield RefusedRequest(
                at=now - place * 60_000, request_id=f"r{item.pk}-{place}", endpoint="/oauth2/token", application_id=item.pk, error="invalid_grant",
                rule="RFC 6749 §4.1.2", description=REASON, received="a code", expected="a fresh one",
            )  # fmt: skip


def _use(every: list[Application], of_note: list[Application], centres: list[Tenant], operator: User) -> None:
    """People who use applications, how often, and what centres allow; very much of `of_note`."""
    doctors = User.objects.bulk_create(
        User(email=f"{NAMES[n % 12].lower()}{n}@clinic.example", password="!", given_name=NAMES[n % 12])
        for n in range(DOCTORS)
    )
    Membership.objects.bulk_create(
        Membership(user=doctor, tenant=centres[n % CENTRES], role="doctor") for n, doctor in enumerate(doctors)
    )
    pairs = [(doctors[item.pk * 7 % DOCTORS], item) for item in every] + [
        (doctor, item) for item in of_note[::40] for doctor in doctors[:BUSY_ROWS] if doctor is not doctors[item.pk * 7 % DOCTORS]
    ]  # fmt: skip
    at = {doctor.pk: centres[n % CENTRES] for n, doctor in enumerate(doctors)}
    Consent.objects.bulk_create(
        (Consent(user=person, application=item, tenant=at[person.pk], scopes="openid") for person, item in pairs),
        _AT_ONCE,
    )
    now = clock.now()
    Grant.objects.bulk_create(
        (
            Grant(user=person, application=item, tenant=at[person.pk], state="active", last_used_at=now, expires_at=now + 864_000)
            for person, item in pairs
        ),
        _AT_ONCE,
    )  # fmt: skip
    AllowedTenant.objects.bulk_create(
        AllowedTenant(application=item, tenant=centres[(item.pk + place) % CENTRES])
        for item in every[::10]
        for place in range(5)
    )
    BlockedApplication.objects.bulk_create(
        BlockedApplication(application=item, tenant=centres[item.pk % CENTRES], blocked_by=operator)
        for item in every[::9]
    )
    _counts(every, of_note)


def _counts(every: list[Application], of_note: list[Application]) -> None:
    """What applications did by day, what they were refused, and what they were told."""
    today = clock.now() // 86400
    kinds = (
        ("authorization", "authorization.started", 200),
        ("token", "token.issued", 200),
        ("error", "/oauth2/token", 400),
    )
    DayCount.objects.bulk_create(
        (
            DayCount(application_id=item.pk, day=today - day, kind=kind, operation=operation, status=status, number=day + 1)
            for item in [*every[::4], *every[1:OF_LARGEST:4]]
            for day in range(30)
            for kind, operation, status in kinds
        ),
        _AT_ONCE,
    )  # fmt: skip
    DayCount.objects.bulk_create(
        DayCount(
            application_id=item.pk, day=today - day, kind="call", operation=f"/v2/{place}", status=200, number=place + 1
        )
        for item in of_note[::20]
        for day in range(30)
        for place in range(30)
    )
    Counted.objects.create(source="bench", position=1, begun_ms=1, until_ms=clock.now_ms())
    RefusedRequest.objects.bulk_create(
        (RefusedRequest(at=1, request_id=f"more{item.pk}-{n}", endpoint="/oauth2/token", application_id=item.pk, error="x") for item in of_note for n in range(50)),
        _AT_ONCE,
    )  # fmt: skip
    streams = Stream.objects.bulk_create(Stream(application=item) for item in [*every[1::4], *every[0:OF_LARGEST:4]])
    Signal.objects.bulk_create(
        (
            Signal(stream=stream, jti=f"j{stream.pk}-{n}", kind="account-disabled", sub="user-x", txn="t")
            for stream in streams
            for n in range(BUSY_ROWS if stream.application_id % 100 == 0 else 5)
        ),
        _AT_ONCE,
    )


def _around(every: list[Application], teams: list[Team], owners: list[User]) -> None:
    """Invitations, applications that are handed over, uses of what is deprecated."""
    until = clock.now() + 864_000
    TeamInvitation.objects.bulk_create(
        TeamInvitation(team=team, email=f"m{n}@new.example", role="viewer", digest=str(n), expires_at=until, invited_by=owners[n])
        for n, team in enumerate(teams)
    )  # fmt: skip
    TeamInvitation.objects.bulk_create(
        TeamInvitation(team=team, email=f"n{n}@new.example", role="viewer", digest=f"{team.pk} {n}", expires_at=until)
        for team in teams[:2]
        for n in range(50)
    )
    Transfer.objects.bulk_create(
        Transfer(application=item, team=teams[n % 7], offered_by_id=item.owner_id, expires_at=until)
        for n, item in enumerate(every[1000::90])
    )
    DeprecatedUse.objects.bulk_create(
        DeprecatedUse(application_id=item.pk, operation=f"GET /v2/{n}", last_used_at=clock.now())
        for item in every[::5]
        for n in range(2)
    )


def _status() -> None:
    """A year of checks."""
    today = dt.datetime.now(dt.UTC).date()
    for part in Part:
        Standing.objects.update_or_create(
            part=part, defaults={"state": "good", "since": _BEGAN, "checked_at": clock.now()}
        )
        CheckedDay.objects.bulk_create(
            CheckedDay(part=part, day=today - dt.timedelta(days=day), good=1440, degraded=day % 9 == 0, hours=2**24 - 1)
            for day in range(366)
        )
