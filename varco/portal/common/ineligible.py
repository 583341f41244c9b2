"""Words what keeps a person out of an application: to the person, and to its client."""

from django.utils.translation import gettext as _

from varco.protocol.eligibility import Ineligible
from varco.protocol.errors import Fixer, OAuthError, access_denied


def ineligible_words(reason: Ineligible, *, application: str, clinic: str) -> dict[str, str]:
    """What keeps a person out, and who can change it: `title` and `text` of a page."""
    no_membership = (
        _("Your account belongs to no medical centre"),
        _("%(application)s works with the data of a medical centre, and your account is not part of one. "
          "If you have another account, use that; if you work for a centre, ask its manager to add you."),
    )  # fmt: skip
    words = {
        Ineligible.APPLICATION_INACTIVE: (
            _("This application is not in use"),
            _("It was suspended or retired, so nobody can sign in with it at the moment. If you need it, ask the people who make it."),
        ),
        Ineligible.ACCOUNT_INACTIVE: (
            _("This account is switched off"),
            _("You cannot sign in with it any more. If you think this is a mistake, ask your clinic's manager, or support."),
        ),
        Ineligible.NO_MEMBERSHIP: no_membership,
        Ineligible.OTHER_TENANT: no_membership,
        Ineligible.MEMBERSHIP_INACTIVE: (
            _("Your access to %(clinic)s is switched off"),
            _("While it is off, no application can act for you there. The manager of %(clinic)s can switch it on again."),
        ),
        Ineligible.MEMBERSHIP_EXPIRED: (
            _("Your access to %(clinic)s has ended"),
            _("It was given until a certain date, and that has passed. If you still need it, ask the manager of %(clinic)s to extend it."),
        ),
        Ineligible.OTHER_APPLICATION: (
            _("Your access to %(clinic)s is for another application"),
            _("It was given for one project and the application that belongs to it, so it cannot be used with %(application)s. "
              "If you need it there too, ask the manager of %(clinic)s."),
        ),
        Ineligible.TENANT_SUSPENDED: (
            _("%(clinic)s is suspended at the moment"),
            _("Nobody of the centre can sign in to applications until it is active again. Its manager knows more."),
        ),
        Ineligible.TENANT_CLOSED: (
            _("%(clinic)s is closed"),
            _("The centre is not active here any more, so applications cannot be used with it."),
        ),
        Ineligible.TENANT_NOT_LISTED: (
            _("%(application)s is not meant for %(clinic)s"),
            _("The people who make it have limited it to certain medical centres, and yours is not among them. "
              "If %(clinic)s should be, ask them to add it."),
        ),
        Ineligible.OUTSIDE_SANDBOXES: (
            _("%(application)s is still being developed"),
            _("It works in the sandboxes of the people who make it and nowhere else, so it cannot be used with %(clinic)s."),
        ),
        Ineligible.APPLICATION_BLOCKED: (
            _("%(clinic)s does not allow %(application)s"),
            _("The manager of your centre has blocked this application for everybody there. If you need it for your work, ask them."),
        ),
    }  # fmt: skip
    names = {"application": application, "clinic": clinic}
    title, text = words[reason]
    return {"title": title % names, "text": text % names}


_INELIGIBLE = {
    Ineligible.OUTSIDE_SANDBOXES: (
        "This application is approved for the sandboxes of its team alone, and the person's medical centre is none of them.",
        "S44 lock to sandboxes",
        Fixer.DEVELOPER,
    ),
    Ineligible.APPLICATION_INACTIVE: (
        "The application is not in force.",
        "S16 application in force",
        Fixer.ADMINISTRATOR,
    ),
    Ineligible.ACCOUNT_INACTIVE: ("The person's account is not active.", "S21 account active", Fixer.ADMINISTRATOR),
    Ineligible.NO_MEMBERSHIP: (
        "This account belongs to no medical centre.",
        "S5 membership of a tenant",
        Fixer.PERSON,
    ),
    Ineligible.OTHER_TENANT: (
        "This account belongs to another medical centre.",
        "S5 membership of a tenant",
        Fixer.PERSON,
    ),
    Ineligible.MEMBERSHIP_INACTIVE: (
        "The person's access to the medical centre is switched off.",
        "S5 membership active",
        Fixer.MANAGER,
    ),
    Ineligible.MEMBERSHIP_EXPIRED: (
        "The person's access to the medical centre has ended on its date.",
        "S26 membership end",
        Fixer.MANAGER,
    ),
    Ineligible.OTHER_APPLICATION: (
        "The person's access to the medical centre is for one other application.",
        "S25 application of the access",
        Fixer.MANAGER,
    ),
    Ineligible.TENANT_SUSPENDED: ("The medical centre is suspended.", "S19 tenant active", Fixer.ADMINISTRATOR),
    Ineligible.TENANT_CLOSED: ("The medical centre is closed.", "S19 tenant active", Fixer.ADMINISTRATOR),
    Ineligible.TENANT_NOT_LISTED: (
        "This application is limited to certain medical centres, and the person's is not among them.",
        "S19 allow-list of the application",
        Fixer.DEVELOPER,
    ),
    Ineligible.APPLICATION_BLOCKED: (
        "The person's medical centre has blocked this application.",
        "S19 block-list of the clinic",
        Fixer.MANAGER,
    ),
}


def ineligible_error(reason: Ineligible) -> OAuthError:
    """The error that the client is told of a person who cannot use it (RFC 6749 §4.1.2.1 access_denied)."""
    description, rule, fixer = _INELIGIBLE[reason]
    return access_denied(
        description,
        rule=rule,
        fixer=fixer,
        received=reason.value,
        expected="an active member",
    )
