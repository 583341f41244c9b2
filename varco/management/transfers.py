"""Applications that change hands: offered by an owner of one team, accepted by an owner of the other (S45)."""

import datetime as dt
from typing import Any

import msgspec

from varco.management.applications import answer_with
from varco.management.errors import not_found
from varco.management.operations import DEVELOPER, Answer, Call, of_itself, operation
from varco.management.paging import page
from varco.management.representations import ApplicationDetail, RevisionDetail, moment, revision_detail
from varco.management.teams import own_team
from varco.paging import Page
from varco.registry import services, teams
from varco.registry.lifecycle import ApplicationAct
from varco.registry.models import Team, Transfer


class NewTransfer(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The team that is to have the application, by its id."""

    team_id: str


class TransferTo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The team that an application is offered to."""

    team_id: str
    team: str
    offered_by: str
    offered_at: dt.datetime
    expires_at: dt.datetime


class TransferState(msgspec.Struct, frozen=True, kw_only=True):
    """The offer of an application that can still be accepted; null without one."""

    offer: TransferTo | None


class Offer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An application that a team is offered, and by whom."""

    id: int
    name: str
    publisher: str
    team: str
    offered_by: str
    offered_by_email: str
    offered_at: dt.datetime
    expires_at: dt.datetime


class OfferDetail(Offer, frozen=True, kw_only=True, rename="camel"):
    """The same with what the application says of itself, and what of it is in force."""

    description: str
    description_it: str
    client_id: str | None
    live_revision: RevisionDetail | None


@operation("GET", role=DEVELOPER)
def read_transfer(call: Call) -> TransferState:
    """Read to which team an application is offered."""
    return _state(call)


@operation("PUT", role=DEVELOPER, body=NewTransfer, stepped_up=True, act_of=ApplicationAct.OFFER)
def offer_transfer(call: Call) -> TransferState:
    """Offer an application to another team, in the place of any offer before; nothing changes until an owner of that team accepts."""
    services.offer_transfer(call.application, call.sent.team_id, call.origin)
    return _state(call)


@operation("DELETE", role=DEVELOPER, act_of=ApplicationAct.OFFER)
def withdraw_transfer(call: Call) -> TransferState:
    """Take the offer of an application back."""
    services.withdraw_transfer(call.application, call.origin)
    return _state(call)


@operation("GET", role=DEVELOPER)
def list_offers(call: Call, team_id: str) -> Page[Offer]:
    """List the applications that a team is offered, the oldest offer first."""
    team = own_team(call, team_id).team
    return page(call, teams.offers_to(team), ("pk",), lambda found: [Offer(**_offer(one)) for one in found])


@operation("GET", role=DEVELOPER)
def read_offer(call: Call, team_id: str, offer_id: int) -> OfferDetail:
    """Read what a team is offered, as its owners are asked about it."""
    found = _found(own_team(call, team_id, owners_only=True).team, offer_id)
    application = found.application
    live = application.live_revision
    return OfferDetail(
        **_offer(found),
        description=application.description,
        description_it=application.description_it,
        client_id=application.client_id,
        live_revision=revision_detail(live) if live else None,
    )


@operation("POST", role=DEVELOPER, stepped_up=True)
def accept_transfer(call: Call, team_id: str, offer_id: int) -> Answer[ApplicationDetail]:
    """Take an application over; who had it before has no part in it any more. Replace its secrets: they knew them."""
    offer = _answered(call, team_id, offer_id)
    return answer_with(services.accept_transfer(offer.team, offer_id, call.origin))


@operation("POST", role=DEVELOPER, stepped_up=True)
def decline_transfer(call: Call, team_id: str, offer_id: int) -> Offer:
    """Do not take an application, which stays where it is; answers with the offer that is over now."""
    offer = _answered(call, team_id, offer_id)
    declined = Offer(**_offer(offer))
    services.decline_transfer(offer.team, offer_id, call.origin)
    return declined


def _answered(call: Call, team_id: str, offer_id: int) -> Transfer:
    """An offer to a team of which the person is an owner; no program moves itself from one team to another.

    Raises `ManagementError` (404, 403).
    """
    found = _found(own_team(call, team_id, owners_only=True).team, offer_id)
    if found.application_id == call.caller.application_id:
        raise of_itself()
    return found


def _found(team: Team, offer_id: int) -> Transfer:
    found = teams.offers_to(team).select_related("application__live_revision", "team").filter(pk=offer_id).first()
    if found is None:
        raise not_found()
    return found


def _state(call: Call) -> TransferState:
    found = teams.offer_of(call.application)
    if found is None:
        return TransferState(offer=None)
    return TransferState(
        offer=TransferTo(
            team_id=found.team.public_id,
            team=found.team.name,
            offered_by=found.offered_by.name,
            offered_at=moment(found.created_at),
            expires_at=moment(found.expires_at),
        )
    )


def _offer(one: Transfer) -> dict[str, Any]:
    application = one.application
    return {
        "id": one.pk,
        "name": application.name,
        "publisher": application.publisher,
        "team": application.team.name if application.team else "",
        "offered_by": one.offered_by.name,
        "offered_by_email": one.offered_by.email,
        "offered_at": moment(one.created_at),
        "expires_at": moment(one.expires_at),
    }
