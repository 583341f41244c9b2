"""Applications of the calling developer."""

import re

import msgspec

from varco.management.conditions import etag, idempotency_key
from varco.management.errors import ManagementError
from varco.management.operations import DEVELOPER, Answer, Call, operation
from varco.management.paging import page
from varco.management.registrations import DetailsChange, NewApplication, values_of
from varco.management.representations import ApplicationDetail, application_detail
from varco.paging import Page
from varco.protocol.fault import Fault
from varco.registry import lists, queries, services, teams
from varco.registry.errors import Invalid
from varco.registry.fault_codes import RegistrationFault
from varco.registry.lifecycle import ApplicationAct
from varco.registry.models import Application, Revision, Team
from varco.registry.registration import Details, Registration


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


_TEAM_ID = re.compile(r"[A-Za-z0-9-]{1,40}")


@operation("GET", role=DEVELOPER)
def list_applications(call: Call) -> Page[ApplicationSummary]:
    """List the caller's applications, by product and name, retired ones last."""
    return page(call, lists.applications_of(call.user), lists.APPLICATIONS_ORDER, _summaries)


@operation("GET", role=DEVELOPER)
def read_application(call: Call) -> Answer[ApplicationDetail]:
    """Read an application: what is in force beside what waits, and what is wrong with that."""
    return answer_with(call.application)


@operation("POST", role=DEVELOPER, body=NewApplication, success=201, keyed=True)
def create_application(call: Call) -> Answer[ApplicationDetail]:
    """Register an application with its first draft. Nobody reviews it until it is submitted."""
    details, registration = values_of(call.sent, Details), values_of(call.sent, Registration)
    team, key, again = _team(call), idempotency_key(call.request), False
    if key:
        try:
            made, again = services.create_once(
                key,
                call.caller.application_id,
                details=details,
                registration=registration,
                origin=call.origin,
                team=team,
            )
        except services.KeyReusedError:
            raise ManagementError(
                "idempotency_key_reused",
                "This Idempotency-Key was used with another body. Use a new key for every new call.",
                422,
            ) from None
    else:
        made = services.create_application(details=details, registration=registration, origin=call.origin, team=team)
    headers = {"Location": call.below(made.pk)}
    return answer_with(made, headers | ({"Idempotency-Replayed": "true"} if again else {}))


@operation("PATCH", role=DEVELOPER, body=DetailsChange, tagged=True)
def change_details(call: Call) -> Answer[ApplicationDetail]:
    """Change name, description, publisher, contacts and the like, which needs no review."""
    details = values_of(call.sent, Details, Details.of(call.application))
    return answer_with(services.edit_details(call.application, details, call.origin, stamp=call.stamp))


@operation("POST", role=DEVELOPER, tagged=True, act_of=ApplicationAct.RETIRE)
def retire(call: Call) -> Answer[ApplicationDetail]:
    """End an application for good: what it holds stops at once, and what waits for review is withdrawn."""
    services.retire(call.application, call.origin, stamp=call.stamp)
    return answer_with(call.application)


def _team(call: Call) -> Team | None:
    """The team that is named. Raises `Invalid` for one that is none of the person's."""
    if not call.sent.team_id:
        return None
    own = teams.membership(call.user, call.sent.team_id) if _TEAM_ID.fullmatch(call.sent.team_id) else None
    if own is None:
        raise Invalid({"team_id": [Fault(RegistrationFault.TEAM_NOT_YOURS)]})
    return own.team


def answer_with(application: Application, headers: dict[str, str] | None = None) -> Answer[ApplicationDetail]:
    """An application as it stands now, with its `ETag`."""
    detail, stamp = application_detail(application)
    return Answer(detail, {**etag(stamp), **(headers or {})})


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
