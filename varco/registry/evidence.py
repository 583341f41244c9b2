"""What a reviewer reads beside a registration: the rules' findings, its neighbours, and what was decided before."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast

from varco.registry import access, hosts, lint
from varco.registry.models import Application, Revision
from varco.registry.registration import Details, Registration

DECIDED = (Revision.State.APPROVED, Revision.State.CHANGES_REQUESTED, Revision.State.REJECTED)
MAX_NEIGHBOURS = 50


def findings(application: Application, registration: Registration, *, reviewer: bool) -> list[lint.Finding]:
    """What is unwise in a registration, ranked; a developer is not told whose the other applications are."""
    live = application.live_revision
    approved = Revision.objects.filter(
        access.by_same_developer(application, path="application__"), state=Revision.State.APPROVED
    )
    return lint.findings(
        lint.LintInput(
            details=Details.of(application),
            registration=registration,
            live=Registration.of(live) if live else None,
            neighbours=tuple(_neighbours(application, registration)),
            reviewer=reviewer,
            first_of_developer=reviewer and not approved.exists(),
        )
    )


def _neighbours(application: Application, registration: Registration) -> Iterable[lint.Neighbour]:
    """Applications in force or waiting that share a host, a redirect URI or the name. Drafts of others tell nothing."""
    shared = Q(application__name__iexact=application.name)
    for part in hosts_of(registration.redirect_uris) | {uri for uri in registration.redirect_uris if uri}:
        shared |= Q(uris_text__contains=part)
    current = Q(pk=F("application__live_revision")) | Q(state=Revision.State.SUBMITTED)
    found = (
        _with_text(Revision.objects.filter(current))
        .filter(shared)
        .exclude(application=application.pk)
        .exclude(application__state=Application.State.RETIRED)
        .select_related("application")
        .order_by("pk")[:MAX_NEIGHBOURS]
    )
    for revision in found:
        yield lint.Neighbour(
            application_id=revision.application_id,
            name=revision.application.name,
            own=access.have_same_developer(revision.application, application),
            environment=revision.environment,
            redirect_uris=tuple(revision.redirect_uris),
        )


@dataclass(frozen=True, slots=True)
class EarlierDecision:
    """An earlier decision and what connects it: the same developer, the same redirect host, or both."""

    revision: Revision
    same_developer: bool
    same_hosts: tuple[str, ...]


def earlier_decisions(revision: Revision) -> QuerySet[Revision]:
    """Revisions of the same developer or with one of the same redirect hosts that were decided, the newest first."""
    related = _names_host(public_hosts(revision), access.by_same_developer(revision.application, path="application__"))
    return (
        access.with_developer(_with_text(Revision.objects.filter(state__in=DECIDED)), "application__")
        .filter(related)
        .exclude(pk=revision.pk)
        .select_related("application", "decided_by")
        .order_by("-decided_at", "-pk")
    )


def connected(revision: Revision, decided: Iterable[Revision]) -> list[EarlierDecision]:
    """What connects each of `earlier_decisions` with the revision."""
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


def with_hosts(wanted: Iterable[str]) -> QuerySet[Revision]:
    """Revisions with one of these hosts among their redirect URIs."""
    return _with_text(Revision.objects.all()).filter(_names_host(wanted))


def _names_host(wanted: Iterable[str], start: Q | None = None) -> Q:
    related = start if start is not None else Q(pk__in=[])
    for host in wanted:
        for end in '/:?#"':  # what follows a host in a list of URIs
            related |= Q(uris_text__contains=f"://{host}{end}")
    return related


def _with_text(revisions: QuerySet[Revision]) -> QuerySet[Revision]:
    """JSON lists have no operator common to both engines; their text narrows the search and the values decide."""
    return revisions.annotate(uris_text=Cast("redirect_uris", TextField()))
