"""Reading the registry."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    Exists,
    Expression,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)

from varco.accounts.models import User
from varco.compiled import Compiled
from varco.protocol.client import Client, from_record
from varco.registry import access
from varco.registry.lists import not_expired
from varco.registry.models import AllowedTenant, Application, BlockedApplication, Logo, Revision, Secret
from varco.tenants import queries as tenants
from varco.tenants.models import Membership


def application(client_id: str) -> Application | None:
    """The application of a client_id with its live revision, in whatever state it is; None for an unknown one."""
    if not client_id or "\0" in client_id:
        return None
    return _OF_CLIENT_ID.only(client_id=client_id)


_OF_CLIENT_ID = Compiled(
    lambda client_id: Application.objects.select_related("live_revision").filter(client_id=client_id),
    client_id=CharField(),
)


def by_id(pk: int) -> Application | None:
    """The application of an id, with its live revision and its developer; None for an unknown one."""
    return _BY_ID.only(application=pk)


_BY_ID: Compiled[Application] = Compiled(
    lambda application: access.with_developer(
        Application.objects.select_related("live_revision").filter(pk=application)
    ),
    application=BigIntegerField(),
)


def by_ids(pks: Iterable[int]) -> dict[int, Application]:
    """Applications by their number; those that are none are left out."""
    return Application.objects.in_bulk(list(pks))


def revision(pk: int) -> Revision | None:
    """The revision of an id, with its application as `by_id` reads it; None for an unknown one."""
    return _REVISION.only(revision=pk)


_REVISION: Compiled[Revision] = Compiled(
    lambda revision: access.with_developer(
        Revision.objects.select_related("application__live_revision").filter(pk=revision), "application__"
    ),
    revision=BigIntegerField(),
)


def client(client_id: str) -> Client | None:
    """The client of a `client_id` as the protocol needs it, under its live revision; None for an unknown one.

    Suspended and retired applications are returned as well: `Client.usable` says whether one is in force.
    """
    found = application(client_id)
    return client_of(found) if found is not None and found.live_revision is not None else None


def client_of(application: Application) -> Client:
    """`client` of an application already read, which must have been approved once.

    Without its secrets: nothing that reads the registry through Django authenticates a client.
    """
    revision = application.live_revision
    if revision is None:
        raise ValueError("an application without a live revision is no client")
    return from_record(
        {
            "application_id": application.pk,
            "client_id": application.client_id,
            "name": application.name,
            "application_state": application.state,
            "version": application.version,
            "pkce_required": application.pkce_required,
            "type": revision.type,
            "environment": revision.environment,
            "acts_by_itself": revision.acts_by_itself,
            "grant_types": revision.grant_types,
            "redirect_uris": revision.redirect_uris,
            "post_logout_redirect_uris": revision.post_logout_redirect_uris,
            "scopes": revision.scopes,
            "claims": revision.claims,
            "profile": revision.profile,
            "token_endpoint_auth_method": revision.token_endpoint_auth_method,
            "id_token_alg": revision.id_token_alg,
            "userinfo_alg": revision.userinfo_alg,
            "jwks": revision.jwks,
            "jwks_uri": revision.jwks_uri,
            "token_endpoint_audience": revision.token_endpoint_audience,
            "pkce_exception": revision.pkce_exception,
            "secrets": (),
            "overlap_method": "",
            "overlap_until": 0,
        }
    )


def logo(digest: str) -> bytes | None:
    """The image that an application shows now, by its digest."""
    found = Logo.objects.filter(digest=digest).values_list("png", flat=True).first()
    return bytes(found) if found is not None else None


def approved_once() -> QuerySet[Application]:
    """Applications that were approved at least once and so have a `client_id`, in whatever state they are now."""
    return Application.objects.filter(client_id__isnull=False)


def live_secrets(application: Application) -> QuerySet[Secret]:
    """Secrets that still open the token endpoint: not revoked, not expired."""
    return application.secrets.filter(not_expired(), revoked_at__isnull=True)


def secrets(application: Application) -> QuerySet[Secret]:
    """All secrets, those that are live (`is_live`) first, and the newest first."""
    live = ExpressionWrapper(not_expired() & Q(revoked_at__isnull=True), output_field=BooleanField())
    return application.secrets.select_related("created_by").annotate(is_live=live).order_by("-is_live", "-pk")


LISTED = ("application", "number", "state", "type", "environment")
"""What a list shows of a revision: the rest of it is long."""


def latest_revisions(applications: Iterable[Application], *fields: str) -> dict[int, Revision]:
    """The last revision begun of each application, by the application's key; with some `fields`, those are read alone."""
    keys = [application.pk for application in applications]
    newest = Revision.objects.filter(application=OuterRef("application")).order_by("-number").values("pk")[:1]
    found = Revision.objects.filter(application__in=keys, pk=Subquery(newest)).only(*fields)
    return {revision.application_id: revision for revision in found}


def latest_revision(application: Application) -> Revision | None:
    """The last revision begun, whatever became of it."""
    found = _LATEST_REVISION.only(application=application.pk)
    if found is not None:
        found.application = application
    return found


_LATEST_REVISION: Compiled[Revision] = Compiled(
    lambda application: Revision.objects.filter(application=application).order_by("-number")[:1],
    application=BigIntegerField(),
)


def allowed_tenants(application: Application) -> QuerySet[AllowedTenant]:
    """The clinics the application is limited to, by name; empty: every clinic may use it (S19)."""
    return application.allowed_tenants.select_related("tenant").order_by("tenant__name", "pk")


class TenantPolicy(NamedTuple):
    """What both sides' lists say of an application at a clinic (S19)."""

    blocked: bool
    """The clinic's manager has blocked it."""
    listed: bool
    """Its developer has named the clinic, or none at all."""
    within_lock: bool
    """What is approved is not locked to sandboxes, or the clinic is one of its team's (S44)."""


def blocked_at(tenant: OuterRef, application: OuterRef) -> Exists:
    """A condition: the clinic of a row has blocked the application of that row."""
    return Exists(BlockedApplication.objects.filter(tenant=tenant, application=application))


def blocks_of(application: Application) -> QuerySet[BlockedApplication]:
    """The blocks of an application, by whatever clinic."""
    return BlockedApplication.objects.filter(application=application)


def names_clinic(application_id: int, tenant_id: int) -> bool:
    """Whether the developer of an application has named a clinic, or none at all."""
    named = set(AllowedTenant.objects.filter(application_id=application_id).values_list("tenant_id", flat=True))
    return not named or tenant_id in named


class Standing(NamedTuple):
    """The membership of a person with its clinic, whatever the state of either, and the policy of an application there."""

    membership: Membership
    policy: TenantPolicy


def standing_of(user: User, application: Application) -> Standing | None:
    """How a person stands with an application at the clinic they belong to, in one statement; None without a membership."""
    found = _STANDING.only(user=user.pk, application=application.pk)
    if found is None:
        return None
    policy = TenantPolicy(
        blocked=found.blocks,
        listed=found.names or not found.limited,
        within_lock=found.of_team or not found.locked,
    )
    return Standing(found, policy)


def _standing(user: Expression, application: Expression) -> QuerySet[Any, Any]:
    here, allowed = Q(tenant_id=OuterRef("tenant_id")), AllowedTenant.objects.filter(application_id=application)
    return tenants.membership_by(user).annotate(
        blocks=Exists(BlockedApplication.objects.filter(here, application_id=application)),
        names=Exists(allowed.filter(here)),
        limited=Exists(allowed),
        locked=Exists(Application.objects.filter(pk=application, live_revision__sandboxes_only=True)),
        of_team=Exists(access.sandboxes(application).filter(pk=OuterRef("tenant_id"))),
    )


_STANDING: Compiled[Any] = Compiled(_standing, user=BigIntegerField(), application=BigIntegerField())
