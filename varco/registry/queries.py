"""Reading the registry."""

from django.db.models import Q, QuerySet

from varco import clock
from varco.protocol.client import Client, from_record
from varco.registry.models import Application, Secret


def client(client_id: str) -> Client | None:
    """What the protocol needs to know of a registered application, under its live revision; None for an unknown plate.

    Suspended and retired applications are returned as well: `Client.usable` says whether one is in force.
    """
    if "\0" in client_id:
        return None
    application = Application.objects.select_related("live_revision").filter(client_id=client_id).first()
    if application is None or application.live_revision is None:
        return None
    return client_of(application)


def client_of(application: Application) -> Client:
    """`client` of an application already read, which must have been approved once."""
    revision = application.live_revision
    if revision is None:
        raise ValueError("an application without a live revision is no client")
    secrets = live_secrets(application).order_by("pk").values_list("pk", "digest", "expires_at")
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
            "grant_types": revision.grant_types,
            "redirect_uris": revision.redirect_uris,
            "post_logout_redirect_uris": revision.post_logout_redirect_uris,
            "scopes": revision.scopes,
            "claims": revision.claims,
            "profile": revision.profile,
            "token_endpoint_auth_method": revision.token_endpoint_auth_method,
            "id_token_alg": revision.id_token_alg,
            "jwks": revision.jwks,
            "jwks_uri": revision.jwks_uri,
            "secrets": list(secrets),
        }
    )


def live_secrets(application: Application) -> QuerySet[Secret]:
    """Secrets that still open the token endpoint: not revoked, not expired."""
    not_expired = Q(expires_at__isnull=True) | Q(expires_at__gt=clock.now())
    return application.secrets.filter(not_expired, revoked_at__isnull=True)
