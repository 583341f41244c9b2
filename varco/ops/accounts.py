"""`varco account`: the accounts of this installation, above all its first one. Needs Django set up only when it runs."""

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from varco.accounts.models import User

ROLES = ("operator", "support", "developer")
LANGUAGES = ("en", "it")


def add_parser(commands: Any) -> None:
    """Add `account` to the commands."""
    parser: argparse.ArgumentParser = commands.add_parser("account", help="who can sign in: make, invite, deactivate")
    acts = parser.add_subparsers(title="acts", required=True, metavar="ACT")

    made = _act(acts, "create", "make an account and invite its person to set a password", _create)
    made.add_argument("--name", default="", help="first and last name; the person can say it too")
    made.add_argument(
        "--role", choices=ROLES, default="", help="what the account is for the vendor; none for clinic staff"
    )
    made.add_argument("--language", choices=LANGUAGES, default="en", help="of pages and mail")
    _add_invitation(made)
    again = _act(acts, "invite-again", "send another link to somebody who has not set a password yet", _invite_again)
    _add_invitation(again)

    listed = acts.add_parser("list", help="show every account")
    listed.add_argument("--json", action="store_true", help="print one JSON array")
    listed.set_defaults(run=_run, act=_list)
    _act(acts, "show", "show an account", _show)
    gone = _act(acts, "deactivate", "let it do nothing any more, from now on", _deactivate)
    gone.add_argument("--force", action="store_true", help="the last operator too")
    _act(acts, "activate", "let a deactivated account sign in again", _activate)
    _act(acts, "reset-factors", "remove the second factors of somebody who lost them", _reset_factors)
    role = _act(acts, "role", "give an account a role for the vendor, or take it away", _role)
    role.add_argument("role", choices=ROLES, metavar="ROLE", help=", ".join(ROLES))
    role.add_argument("--remove", action="store_true", help="take it away")
    role.add_argument("--force", action="store_true", help="from the last operator too")


def _act(acts: Any, name: str, text: str, act: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = acts.add_parser(name, help=text)
    parser.add_argument("email", metavar="EMAIL")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=_run, act=act)
    return parser


def _add_invitation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--print-link", action="store_true", help="print the link here, once, in the place of a mail")
    parser.add_argument("--days", type=_days, default=7, help="how long the link is good (1 to 30; 7)")


def _days(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 30:
        raise argparse.ArgumentTypeError("must be a whole number from 1 to 30")
    return int(text)


def _run(options: argparse.Namespace) -> None:
    from varco.ops.environment import start_django

    start_django()
    from varco.ops.people_words import worded
    from varco.ops.preflight import check_schema

    check_schema()
    with worded():
        options.act(options)


def _create(options: argparse.Namespace) -> None:
    from django.db import transaction

    from varco.ops import machine_user
    from varco.people import accounts

    given, _, family = " ".join(options.name.split()).partition(" ")
    origin = machine_user.origin()
    facts = accounts.NewAccount(
        email=options.email, given_name=given, family_name=family, language=options.language, role=options.role
    )
    with transaction.atomic():
        user = accounts.create(facts, origin)
        link = _invite(user, options)
    _tell(user, options, link)


def _invite_again(options: argparse.Namespace) -> None:
    from varco.people import accounts

    user = accounts.find(options.email)
    _tell(user, options, _invite(user, options))


def _invite(user: "User", options: argparse.Namespace) -> str:
    """Invite somebody, and return the link where it is to be printed."""
    from urllib.parse import urlencode

    from django.conf import settings
    from django.urls import reverse

    from varco.ops import machine_user
    from varco.people import invitations

    secret = invitations.invite(user, machine_user.origin(), by_mail=not options.print_link, days=options.days)
    if not options.print_link:
        return ""
    return f"{settings.VARCO.issuer}{reverse('account:invitation')}?{urlencode({'token': secret})}"


def _tell(user: "User", options: argparse.Namespace, link: str) -> None:
    import json

    from django.conf import settings

    if options.json:
        print(json.dumps(_facts(user) | ({"link": link} if link else {}), ensure_ascii=False))
    elif link:
        print(f"{user.email} sets a password by this link, which works once and for {options.days} days:\n{link}")
    elif settings.VARCO.smtp_url:
        print(f"{user.email} gets a mail with a link to set a password, which works once and for {options.days} days.")
    else:
        again = f"varco account invite-again {user.email} --print-link"
        print(f"The mail to {user.email} waits: no mail server is set (VARCO_SMTP_URL). For a link at once: {again}")


def _list(options: argparse.Namespace) -> None:
    from varco.accounts import queries
    from varco.ops.people_words import show_all

    rows = [_facts(user) for user in queries.everybody()]
    show_all(rows, ("email", "name", "roles", "state"), as_json=options.json)


def _show(options: argparse.Namespace) -> None:
    from varco.people import accounts

    _print(accounts.find(options.email), options)


def _deactivate(options: argparse.Namespace) -> None:
    from varco.ops import machine_user
    from varco.people import accounts

    accounts.deactivate(accounts.find(options.email), machine_user.origin(), last_too=options.force)
    _print(accounts.find(options.email), options)


def _activate(options: argparse.Namespace) -> None:
    from varco.ops import machine_user
    from varco.people import accounts

    accounts.activate(accounts.find(options.email), machine_user.origin())
    _print(accounts.find(options.email), options)


def _reset_factors(options: argparse.Namespace) -> None:
    from varco.ops import machine_user
    from varco.people import accounts

    accounts.reset_factors(accounts.find(options.email), machine_user.origin())
    _print(accounts.find(options.email), options)


def _role(options: argparse.Namespace) -> None:
    from varco.ops import machine_user
    from varco.people import accounts

    user = accounts.find(options.email)
    accounts.set_role(user, options.role, machine_user.origin(), held=not options.remove, last_too=options.force)
    _print(accounts.find(options.email), options)


def _print(user: "User", options: argparse.Namespace) -> None:
    from varco.ops.people_words import show_one

    show_one(_facts(user) | _more(user), as_json=options.json)


def _facts(user: "User") -> dict[str, Any]:
    from varco.ops.people_words import moment
    from varco.people import accounts

    off = "closed" if user.closed_at is not None else "deactivated"
    state = off if not user.is_active else "active" if user.has_usable_password() else "no password yet"
    return {
        "email": user.email,
        "name": "" if user.name == user.email else user.name,
        "sub": user.public_id,
        "roles": accounts.roles_of(user),
        "state": state,
        "language": user.language,
        "created": moment(user.created_at),
    }


def _more(user: "User") -> dict[str, Any]:
    from allauth.mfa.models import Authenticator

    from varco.accounts import queries
    from varco.ops.people_words import moment
    from varco.tenants.queries import membership_of

    membership = membership_of(user)
    return {
        "invited_until": moment(queries.invitation_ends(user)),
        "second_factors": sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True)),
        "clinic": membership.tenant.public_id if membership else "",
        "clinic_role": membership.role if membership else "",
    }
