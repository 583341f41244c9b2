"""Why something cannot be done to an account, clinic or membership, in words for a page, and beside which field they stand."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varco.people.errors import PeopleFault
from varco.protocol.fault import Fault
from varco.tenants.models import Tenant

SENTENCES: Mapping[PeopleFault, Promise] = {
    PeopleFault.EMAIL_TAKEN: _("There is an account for %(email)s already."),
    PeopleFault.UNKNOWN_ACCOUNT: _("There is no account for %(email)s."),
    PeopleFault.UNKNOWN_TENANT: _("There is no medical centre with this id."),
    PeopleFault.UNKNOWN_ROLE: _("Choose one of the listed roles."),
    PeopleFault.LAST_OPERATOR: _(
        "This is the last operator: nobody could decide about applications any more. Make another one first."
    ),
    PeopleFault.ALREADY_INACTIVE: _("This account is locked already."),
    PeopleFault.ALREADY_ACTIVE: _("This account is not locked any more."),
    PeopleFault.ROLE_HELD: _("%(email)s has this role already."),
    PeopleFault.ROLE_NOT_HELD: _("%(email)s does not have this role any more."),
    PeopleFault.TENANT_STATE: _("This is not possible any more: the medical centre is in state “%(state)s”."),
    PeopleFault.INACTIVE: _("The account %(email)s is locked. Unlock it first."),
    PeopleFault.ACCOUNT_CLOSED: _("%(email)s was closed by its person, which is for good."),
    PeopleFault.OWNS_APPLICATIONS: _("%(email)s answers for %(count)d applications that are not retired."),
    PeopleFault.HAS_PASSWORD: _("%(email)s has set a password already. Sign in with it."),
    PeopleFault.NO_FACTORS: _("%(email)s has no second factor."),
    PeopleFault.TENANT_TAKEN: _("There is a medical centre with this id already."),
    PeopleFault.TENANT_CLOSED: _("This medical centre is closed."),
    PeopleFault.MEMBER_ALREADY: _("%(email)s is a member of this medical centre already."),
    PeopleFault.NO_MEMBER: _("%(email)s is a member of no medical centre."),
    PeopleFault.REASON_MISSING: _("Write a reason: it stays in the record."),
    PeopleFault.REASON_TOO_LONG: _("The reason is longer than %(limit)d characters."),
    PeopleFault.STALE: _(
        "This changed while you were looking at it. Nothing was done: check how it stands now, then decide again."
    ),
    PeopleFault.NOTHING_CHANGED: _("Nothing differs from what holds already."),
    PeopleFault.OWN_ACCOUNT: _("Nobody does this to their own account. Ask another operator."),
    PeopleFault.LAST_MANAGER: _(
        "This is the last manager of the medical centre, and somebody has to answer for it. Make somebody else a manager first."
    ),
    PeopleFault.MEMBER_INACTIVE: _("This person is switched off already."),
    PeopleFault.MEMBER_ACTIVE: _("This person is switched on already."),
    PeopleFault.TEMPORARY_ROLE: _("Integrator users are not members: they come and go by a request of their own."),
    PeopleFault.UNKNOWN_PERMISSION: _("Choose among the listed permissions."),
    PeopleFault.READS_NO_DATA: _("A data protection officer reads logs, not data. Choose no permission."),
    PeopleFault.INVITATION_OVER: _("This invitation no longer works."),
    PeopleFault.INVITED_JUST_NOW: _(
        "A mail went to this address less than %(minutes)d minutes ago. Wait a little before you send another one."
    ),
    PeopleFault.INVITATIONS_TOO_MANY: _("%(limit)d invitations wait already. Take some back first."),
    PeopleFault.OTHER_ADDRESS: _("This invitation was sent to another address than that of your account."),
    PeopleFault.TAKES_TWO: _("This takes two operators: propose it, and another one confirms it."),
    PeopleFault.PROPOSED_ALREADY: _("This is proposed already, and waits to be confirmed."),
    PeopleFault.PROPOSAL_OVER: _("This proposal was decided meanwhile, or has expired."),
    PeopleFault.PROPOSAL_OWN: _("Nobody confirms what they proposed themselves, or what is about themselves."),
    PeopleFault.PROPOSER_GONE: _("Whoever proposed this is no operator any more. Refuse it, and propose it again."),
}

_FIELDS: Mapping[str, tuple[PeopleFault, ...]] = {
    "text": (PeopleFault.REASON_MISSING, PeopleFault.REASON_TOO_LONG),
    "email": (
        PeopleFault.EMAIL_TAKEN,
        PeopleFault.UNKNOWN_ACCOUNT,
        PeopleFault.MEMBER_ALREADY,
        PeopleFault.INVITED_JUST_NOW,
    ),
    "role": (PeopleFault.UNKNOWN_ROLE, PeopleFault.TEMPORARY_ROLE),
    "permissions": (PeopleFault.UNKNOWN_PERMISSION, PeopleFault.READS_NO_DATA),
    "public_id": (PeopleFault.TENANT_TAKEN,),
}
_OF = {code: name for name, codes in _FIELDS.items() for code in codes}
_NAMED = {"reason": "text", "id": "public_id"}
"""Fields of models whose field in a form is called otherwise."""


def sentence(fault: Fault) -> str:
    """Word one fault in the reader's language."""
    values = dict(fault.parameters)
    if fault.code == PeopleFault.UNSOUND:
        return str(values["text"])  # a validator's, worded already
    if fault.code == PeopleFault.TENANT_STATE:
        values["state"] = str(Tenant.State(str(values["state"])).label)
    text = str(SENTENCES[PeopleFault(fault.code)])
    return text % values if values else text


def field_of(fault: Fault) -> str:
    """The name of the form's field beside which it stands; empty: none."""
    if fault.code == PeopleFault.UNSOUND:
        name = str(fault.parameters.get("field", ""))
        return _NAMED.get(name, name)
    return _OF.get(PeopleFault(fault.code), "")
