"""What takes two operators: making another one, taking the role away from one, and taking somebody's second factors away.

One proposes it with a reason, another one confirms it within `HOURS`, and it is done in that transaction. Nobody decides
about what they proposed themselves, nor about themselves. The command on the server needs no second person: it is how the
first operator comes to be, and how one who is alone goes on. Whoever must stop an operator at once locks the account, by themselves.
"""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from varco import clock
from varco.accounts import queries as accounts_queries
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.databases import only
from varco.mail.notifications import notify
from varco.people import accounts, reasons
from varco.people.administration import acting_operator
from varco.people.errors import PeopleFault, Refused
from varco.people.models import Proposal
from varco.people.notifications import OperatorEnded, OperatorMade, ProposalMade

HOURS = 72
"""How long a proposal waits, in hours."""


def waiting() -> QuerySet[Proposal]:
    """The proposals that somebody can still decide, the oldest first."""
    found = Proposal.objects.filter(state=Proposal.State.OPEN, expires_at__gt=clock.now())
    return found.select_related("user", "proposed_by").order_by("created_at", "pk")


def decided() -> QuerySet[Proposal]:
    """The others, the newest first."""
    found = Proposal.objects.exclude(state=Proposal.State.OPEN, expires_at__gt=clock.now())
    return found.select_related("user", "proposed_by", "decided_by").order_by("-created_at", "-pk")


def about(user: User) -> QuerySet[Proposal]:
    """Those that wait about one person."""
    return waiting().filter(user=user)


def find(pk: int) -> Proposal | None:
    """One of them all."""
    return only(Proposal.objects.select_related("user", "proposed_by", "decided_by").filter(pk=pk))


def propose(kind: Proposal.Kind, user: User, origin: Origin, *, reason: str) -> Proposal:
    """Propose an act on an account; every other operator is told. Raises `Denied` and `Refused`."""
    try:
        with transaction.atomic():
            return _proposed(kind, user, origin, reason)
    except IntegrityError:  # somebody else was quicker
        raise Refused(PeopleFault.PROPOSED_ALREADY) from None


def _proposed(kind: Proposal.Kind, user: User, origin: Origin, reason: str) -> Proposal:
    actor = acting_operator(origin)
    if actor == user:
        raise Refused(PeopleFault.OWN_ACCOUNT)
    text = reasons.checked(reason)
    if kind == Proposal.Kind.MAKE_OPERATOR and user.is_operator:
        raise Refused(PeopleFault.ROLE_HELD, email=user.email, role=User.PlatformRole.OPERATOR.value)
    if kind == Proposal.Kind.END_OPERATOR:
        if not user.is_operator:
            raise Refused(PeopleFault.ROLE_NOT_HELD, email=user.email, role=User.PlatformRole.OPERATOR.value)
    elif not user.is_active:  # of whoever is locked the role may still go
        raise Refused(PeopleFault.INACTIVE, email=user.email)
    now, same = clock.now(), Proposal.objects.filter(user=user, kind=kind, state=Proposal.State.OPEN)
    same.filter(expires_at__lte=now).update(state=Proposal.State.EXPIRED)
    if same.exists():
        raise Refused(PeopleFault.PROPOSED_ALREADY)
    made = Proposal.objects.create(
        kind=kind, user=user, reason=text, proposed_by=actor, expires_at=now + HOURS * 3600, created_at=now
    )
    record(Tag.PROPOSAL_MADE, origin, user=user, kind=kind.value, proposal=made.pk, text=text)
    notify(ProposalMade(made), accounts_queries.operators().exclude(pk__in=[actor.pk, user.pk]))
    return made


@transaction.atomic
def confirm(proposal: Proposal, origin: Origin) -> Proposal:
    """Confirm what another operator proposed, and do it. Raises `Denied`, and `Refused` for what cannot be done any more."""
    found, actor = _locked(proposal, origin)
    if actor in {found.proposed_by, found.user}:
        raise Refused(PeopleFault.PROPOSAL_OWN)
    if found.kind == Proposal.Kind.MAKE_OPERATOR and not found.user.is_active:
        # Locked since: it would be an operator's account that one operator alone may unlock.
        raise Refused(PeopleFault.INACTIVE, email=found.user.email)
    if not (found.proposed_by.is_operator and found.proposed_by.is_active):
        raise Refused(PeopleFault.PROPOSER_GONE)
    _do(found, origin)
    _decided(found, Proposal.State.CONFIRMED, actor)
    record(Tag.PROPOSAL_CONFIRMED, origin, user=found.user, kind=found.kind, proposal=found.pk)
    if found.kind == Proposal.Kind.MAKE_OPERATOR:
        notify(OperatorMade(found), accounts_queries.operators())
    elif found.kind == Proposal.Kind.END_OPERATOR:
        notify(OperatorEnded(found), [*accounts_queries.operators().exclude(pk=found.user.pk), found.user])
    return found


def _do(found: Proposal, origin: Origin) -> None:
    """What was proposed. Raises `Refused`."""
    if found.kind == Proposal.Kind.RESET_FACTORS:
        accounts.reset_factors(found.user, origin, reason=found.reason)
        return
    held = found.kind == Proposal.Kind.MAKE_OPERATOR
    accounts.set_role(found.user, User.PlatformRole.OPERATOR.value, origin, held=held, reason=found.reason)


@transaction.atomic
def refuse(proposal: Proposal, origin: Origin, *, reason: str) -> Proposal:
    """Refuse a proposal, or take one's own back. Raises `Denied` and `Refused`."""
    found, actor = _locked(proposal, origin)
    text = reasons.checked(reason)
    _decided(found, Proposal.State.REFUSED, actor)
    record(Tag.PROPOSAL_REFUSED, origin, user=found.user, kind=found.kind, proposal=found.pk, text=text)
    return found


def _locked(proposal: Proposal, origin: Origin) -> tuple[Proposal, User]:
    """The proposal, locked, and the operator who decides. Raises `Denied`, and `Refused` where it is over."""
    actor = acting_operator(origin)
    found = Proposal.objects.select_for_update(of=("self",)).select_related("user", "proposed_by").get(pk=proposal.pk)
    if not found.is_open:
        raise Refused(PeopleFault.PROPOSAL_OVER)
    return found, actor


def _decided(found: Proposal, state: Proposal.State, actor: User) -> None:
    found.state, found.decided_by, found.decided_at = state, actor, clock.now()
    found.save(update_fields=["state", "decided_by", "decided_at"])
