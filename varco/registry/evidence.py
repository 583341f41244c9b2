"""What a reviewer reads beside a registration: the rules' findings, its neighbours, and what was decided before."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from django.db.models import BigIntegerField, Case, CharField, F, Q, When

from varco import lookalike
from varco.accounts.models import User
from varco.compiled import Compiled
from varco.registry import access, hosts, lint
from varco.registry.models import Application, Revision, RevisionHost
from varco.registry.registration import Details, Registration

DECIDED = (Revision.State.APPROVED, Revision.State.CHANGES_REQUESTED, Revision.State.REJECTED)
MAX_NEIGHBOURS = 50


def findings(
    application: Application,
    registration: Registration,
    *,
    reviewer: bool,
    details: Details | None = None,
    only_read: frozenset[str] = frozenset(),
) -> list[lint.Finding]:
    """What is unwise in a registration, graded; a developer is not told whose the other applications are.

    `details` are those typed so far, where they are not the application's yet; `only_read` are resources of the API that it read for
    long and never changed.
    """
    details = details or Details.of(application)
    own = partial(access.have_same_developer, application)
    live = application.live_revision
    return lint.findings(
        lint.LintInput(
            details=details,
            registration=registration,
            live=Registration.of(live) if live else None,
            neighbours=tuple(_neighbours(details.name, registration, own, apart=application.pk)),
            reviewer=reviewer,
            only_read=only_read,
            first_of_developer=reviewer and not _approved_by_somebody(application),
        )
    )


def _approved_by_somebody(application: Application) -> bool:
    """Whether a person has approved anything of the same team."""
    return bool(application.team_id and _APPROVED_BY_SOMEBODY(team=application.team_id))


_APPROVED_BY_SOMEBODY: Compiled[int] = Compiled(
    lambda team: Application.objects.filter(team=team, live_revision__decided_by__isnull=False).values_list(
        "pk", flat=True
    )[:1],
    team=BigIntegerField(),
)


def findings_of_new(developer: User, details: Details, registration: Registration) -> list[lint.Finding]:
    """The same of what somebody is about to register, for themselves."""
    mine = set(access.of_developer(developer).values_list("pk", flat=True))
    neighbours = tuple(_neighbours(details.name, registration, lambda other: other.pk in mine))
    return lint.findings(lint.LintInput(details=details, registration=registration, neighbours=neighbours))


def _neighbours(
    name: str, registration: Registration, own: Callable[[Application], bool], *, apart: int | None = None
) -> Iterable[lint.Neighbour]:
    """Applications in force or waiting that share a host, a redirect URI or how the name reads. Drafts of others tell nothing.

    Without the one that is looked at (`apart`).
    """
    current = Q(pk=F("application__live_revision")) | Q(state=Revision.State.SUBMITTED)
    others = Revision.objects.filter(current).exclude(application=apart)
    read = ("environment", "redirect_uris", "application__name", "application__team")
    others = others.exclude(application__state=Application.State.RETIRED).select_related("application").only(*read)
    others = others.order_by("pk")
    # Each by its own index: either of two in one condition would be looked for in all rows.
    same_host = others.filter(pk__in=_of_keys(hosts.keys_of(registration.redirect_uris)))[:MAX_NEIGHBOURS]
    key = lookalike.key(name)
    named = _NAMED(name_key=key, apart=apart or 0) if key else []
    same_name = others.filter(application__in=named)[:MAX_NEIGHBOURS] if named else ()
    found = {revision.pk: revision for revision in (*same_host, *same_name)}
    for _pk, revision in sorted(found.items())[:MAX_NEIGHBOURS]:
        yield lint.Neighbour(
            application_id=revision.application_id,
            name=revision.application.name,
            own=own(revision.application),
            environment=revision.environment,
            redirect_uris=tuple(revision.redirect_uris),
        )


_NAMED: Compiled[int] = Compiled(
    lambda name_key, apart: (
        Application.objects.filter(name_key=name_key).exclude(pk=apart).values_list("pk", flat=True)[:MAX_NEIGHBOURS]
    ),
    name_key=CharField(),
    apart=BigIntegerField(),
)


@dataclass(frozen=True, slots=True)
class EarlierDecision:
    """An earlier decision and what connects it: the same developer, the same redirect host, or both."""

    revision: Revision
    same_developer: bool
    same_hosts: tuple[str, ...]


MOST_RELATED = 200
"""Revisions of a developer, and of the redirect hosts, that are looked at: the newest."""


class HostUse(NamedTuple):
    """A revision with one of the redirect hosts, and its application: whether of the same team, and whether this is what is in force of it."""

    pk: int
    state: str
    decided_at: int | None
    redirect_uris: list[str]
    application: int
    in_force: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Related:
    """What is connected with a revision, read once for all that is told of it."""

    siblings: Mapping[int, str]
    """Applications of whoever asks, the newest, with the state of each."""
    of_hosts: tuple[HostUse, ...]
    """Revisions with one of the public redirect hosts, the newest first."""
    decided: tuple[int, ...]
    """Keys of those that were decided, of the same developer or with one of the hosts, what was decided last first."""


def related(revision: Revision) -> Related:
    """The neighbourhood of a revision, which is itself left out."""
    same = Application.objects.filter(access.by_same_developer(revision.application)).order_by("-pk")
    applications = dict(same.values_list("pk", "state")[:MOST_RELATED])
    of_developer = Revision.objects.filter(application__in=applications).order_by("-pk")
    of_hosts = _of_hosts(revision)
    found = {
        *of_developer.values_list("pk", "state", "decided_at")[:MOST_RELATED],
        *((use.pk, use.state, use.decided_at) for use in of_hosts),
    }
    # The states are looked at here: beside a list of keys an engine would rather go through all that was ever decided.
    decided = [(at or 0, pk) for pk, state, at in found if state in DECIDED and pk != revision.pk]
    return Related(applications, of_hosts, tuple(pk for _at, pk in sorted(decided, reverse=True)))


def _of_hosts(revision: Revision) -> tuple[HostUse, ...]:
    keys = _of_keys(public_hosts(revision))
    if not keys:
        return ()
    live = Q(pk=F("application__live_revision")) & ~Q(application__state=Application.State.RETIRED)
    conditions = {"in_force": live, "own": access.by_same_developer(revision.application, path="application__")}
    found = Revision.objects.filter(pk__in=keys).annotate(
        **{name: Case(When(condition, then=True), default=False) for name, condition in conditions.items()}
    )
    rows = found.order_by("-pk").values_list("pk", "state", "decided_at", "redirect_uris", "application", *conditions)
    return tuple(HostUse(*row) for row in rows if row[0] != revision.pk)


def decisions(keys: Sequence[int]) -> list[Revision]:
    """Revisions that were decided, by their keys, in that order, with their applications and who decided."""
    rows = Revision.objects.select_related("application", "decided_by")
    found = access.with_developer(rows, "application__").in_bulk(list(keys))
    return [found[key] for key in keys if key in found]


def _of_keys(keys: Collection[str]) -> list[int]:
    found = RevisionHost.objects.filter(host__in=keys).order_by("-revision")
    return list(found.values_list("revision", flat=True)[:MOST_RELATED])


def connected(revision: Revision, decided: Iterable[Revision]) -> list[EarlierDecision]:
    """What connects each of some earlier decisions with the revision."""
    wanted = public_hosts(revision)
    listed = []
    for earlier in decided:
        same_hosts = tuple(sorted(wanted & hosts_of(tuple(earlier.redirect_uris))))
        same_developer = access.have_same_developer(earlier.application, revision.application)
        if same_developer or same_hosts:
            listed.append(EarlierDecision(earlier, same_developer, same_hosts))
    return listed


def public_hosts(revision: Revision) -> set[str]:
    """The hosts of the redirect URIs that are not those of one's own machine."""
    return {host for host in hosts_of(tuple(revision.redirect_uris)) if not hosts.is_local(host)}


def hosts_of(uris: Iterable[str]) -> set[str]:
    """The hosts of URIs."""
    return {host for host in map(hosts.host_of, uris) if host}
