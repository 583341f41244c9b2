"""Applications of the calling developer."""

import msgspec

from varco.management.operations import DEVELOPER, Call, operation
from varco.management.paging import page
from varco.paging import Page
from varco.registry import lists, queries
from varco.registry.models import Application, Revision

SCOPE = "varco.applications"


class RevisionSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A revision of a registration."""

    number: int
    state: str
    type: str
    environment: str
    grant_types: list[str]
    redirect_uris: list[str]
    scopes: list[str]


class ApplicationSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An application. `client_id` is null until the first approval, `live_revision` is what runs (S13)."""

    id: int
    client_id: str | None
    name: str
    publisher: str
    product: str
    state: str
    live_revision: RevisionSummary | None
    latest_revision: RevisionSummary | None


@operation("GET", scope=SCOPE, role=DEVELOPER)
def list_applications(call: Call) -> Page[ApplicationSummary]:
    """List the caller's applications, by product and name, retired ones last."""
    return page(call, lists.applications_of(call.user), lists.APPLICATIONS_ORDER, _summaries)


def _summaries(found: list[Application]) -> list[ApplicationSummary]:
    latest = queries.latest_revisions(found)
    return [_summary(application, latest.get(application.pk)) for application in found]


def _summary(application: Application, latest: Revision | None) -> ApplicationSummary:
    return ApplicationSummary(
        id=application.pk,
        client_id=application.client_id,
        name=application.name,
        publisher=application.publisher,
        product=application.product,
        state=application.state,
        live_revision=_revision(application.live_revision),
        latest_revision=_revision(latest),
    )


def _revision(revision: Revision | None) -> RevisionSummary | None:
    if revision is None:
        return None
    return RevisionSummary(
        number=revision.number,
        state=revision.state,
        type=revision.type,
        environment=revision.environment,
        grant_types=revision.grant_types,
        redirect_uris=revision.redirect_uris,
        scopes=[scope["name"] for scope in revision.scopes],
    )
