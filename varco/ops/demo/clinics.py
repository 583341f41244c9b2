"""The clinics of the demo as their managers keep them: settings, an application blocked, an invitation, permissions taken with a reason."""

from varco.accounts.models import User
from varco.audit.services import Origin
from varco.ops.demo.past import DAY, HOUR, ago
from varco.people import clinics, member_invitations, members, two_operators
from varco.people.models import Proposal
from varco.registry import services
from varco.registry.models import Application
from varco.tenants import queries
from varco.tenants.models import Tenant

OF_LUCA = (
    "patients.read", "patients.write", "agenda.read", "agenda.write", "treatments.read", "invoices.read", "invoices.write",
)  # fmt: skip


def build(people: dict[str, User], blocked: Application) -> None:
    """Everything, with `blocked` at Levante, once; run again after an interruption it completes what is missing."""
    marta, luca = people["manager_aurora"], people["manager_levante"]
    _settings(
        marta, place="Milano (MI)", local_holiday="12-07", dpo_name="Petra Poli", dpo_email="petra@aurora.example"
    )
    _settings(luca, place="Bari (BA)", local_holiday="12-06")
    _taken(luca)
    if not _clinic(luca).blocked_applications.exists():
        with ago(2 * DAY):
            text = "It asked for more than the front desk could explain. Blocked until its publisher answers."
            services.block(blocked, Origin(luca), reason=text)
    email = "nadia.neri@aurora.example"
    if queries.invitation_to(_clinic(marta), email) is None:
        with ago(5 * HOUR):
            member_invitations.invite(_clinic(marta), email, Origin(marta), role="doctor")
    if not two_operators.about(people["support"]).exists():
        with ago(4 * HOUR):
            reason = "Sara takes over from me in January; agreed at the meeting of Monday."
            operator = Origin(people["operator"])
            two_operators.propose(Proposal.Kind.MAKE_OPERATOR, people["support"], operator, reason=reason)


def _taken(luca: User) -> None:
    """What a manager gave to himself, and why."""
    membership = queries.membership_of(luca)
    if membership and not membership.permissions:
        with ago(20 * DAY):
            reason = "At the weekend I am alone at the desk, and I see to the invoices until we have a bookkeeper."
            members.change(_clinic(luca), luca, Origin(luca), role="manager", permissions=OF_LUCA, reason=reason)


def _settings(manager: User, **fields: str) -> None:
    with ago(30 * DAY):
        clinics.change_settings(_clinic(manager), Origin(manager), **fields)


def _clinic(user: User) -> Tenant:
    membership = queries.membership_of(user)
    if membership is None:
        raise LookupError(user.email)
    return membership.tenant
