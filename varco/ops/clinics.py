"""`varco tenant` and `varco member`: clinics, and who works there as what."""

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from varco.tenants.models import Membership, Tenant


def add_parsers(commands: Any) -> None:
    """Add `tenant` and `member` to the commands."""
    tenant: argparse.ArgumentParser = commands.add_parser("tenant", help="the clinics")
    acts = tenant.add_subparsers(title="acts", required=True, metavar="ACT")
    made = _act(acts, "create", "make a clinic", _create)
    made.add_argument("name", metavar="NAME")
    made.add_argument("--sandbox", action="store_true", help="for invented data, in the sandbox database")
    made.add_argument("--id", default="", help="its id in addresses and tokens; a random one if left out")
    _act(acts, "list", "show every clinic", _list)
    _of_tenant(_act(acts, "show", "show a clinic", _show))
    renamed = _of_tenant(_act(acts, "rename", "give a clinic another name", _rename))
    renamed.add_argument("name", metavar="NAME")
    _of_tenant(_act(acts, "suspend", "let nobody of it use an application", _suspend))
    _of_tenant(_act(acts, "resume", "end that", _resume))
    closed = _of_tenant(_act(acts, "close", "close a clinic for good: what its people granted ends", _close))
    closed.add_argument("--reason", required=True, metavar="TEXT", help="stays in the record; its managers are told")

    member: argparse.ArgumentParser = commands.add_parser("member", help="who works for which clinic, and as what")
    acts = member.add_subparsers(title="acts", required=True, metavar="ACT")
    added = _act(acts, "add", "make an account a member of a clinic", _add)
    added.add_argument("email", metavar="EMAIL")
    added.add_argument("--tenant", required=True, metavar="ID", help="the clinic")
    added.add_argument("--role", required=True, help="a role of the catalogue; its permissions come with it")
    removed = _act(acts, "remove", "take somebody out of their clinic, which ends what they granted there", _remove)
    removed.add_argument("email", metavar="EMAIL")
    removed.add_argument("--force", action="store_true", help="the last manager too")
    _act(acts, "list", "show who works where", _members).add_argument("--tenant", default="", metavar="ID")


def _act(acts: Any, name: str, text: str, act: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = acts.add_parser(name, help=text)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_run, act=act)
    return parser


def _of_tenant(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("tenant", metavar="ID")
    return parser


def _run(options: argparse.Namespace) -> None:
    from varco.ops.environment import start_django

    start_django()
    from varco.ops.people_words import worded
    from varco.ops.preflight import check_schema

    check_schema()
    with worded():
        options.act(options)


def _create(options: argparse.Namespace) -> None:
    from varco.ops import machine_user
    from varco.people import clinics

    made = clinics.create(options.name, machine_user.origin(), sandbox=options.sandbox, public_id=options.id)
    _print(made, options)


def _list(options: argparse.Namespace) -> None:
    from varco.ops.people_words import show_all
    from varco.tenants import queries

    rows = [_facts(tenant) for tenant in queries.everything()]
    show_all(rows, ("id", "name", "kind", "state"), as_json=options.json)


def _show(options: argparse.Namespace) -> None:
    from varco.people import clinics

    _print(clinics.find(options.tenant), options)


def _rename(options: argparse.Namespace) -> None:
    from varco.ops import machine_user
    from varco.people import clinics

    clinics.rename(clinics.find(options.tenant), options.name, machine_user.origin())
    _show(options)


def _suspend(options: argparse.Namespace) -> None:
    from varco.ops import machine_user
    from varco.people import clinics

    clinics.suspend(clinics.find(options.tenant), machine_user.origin())
    _show(options)


def _resume(options: argparse.Namespace) -> None:
    from varco.ops import machine_user
    from varco.people import clinics

    clinics.resume(clinics.find(options.tenant), machine_user.origin())
    _show(options)


def _close(options: argparse.Namespace) -> None:
    from varco.ops import machine_user
    from varco.people import clinics

    clinics.close(clinics.find(options.tenant), machine_user.origin(), reason=options.reason)
    _show(options)


def _add(options: argparse.Namespace) -> None:
    from varco.ops import machine_user
    from varco.ops.people_words import show_one
    from varco.people import accounts, clinics

    user, tenant = accounts.find(options.email), clinics.find(options.tenant)
    membership = clinics.add_member(user, tenant, options.role, machine_user.origin())
    show_one(_member_facts(membership), as_json=options.json)


def _remove(options: argparse.Namespace) -> None:
    from varco.ops import machine_user
    from varco.ops.people_words import show_one
    from varco.people import accounts, clinics

    user = accounts.find(options.email)
    left = clinics.remove_member(user, machine_user.origin(), last_too=options.force)
    show_one({"email": user.email, "left": left.public_id}, as_json=options.json)


def _members(options: argparse.Namespace) -> None:
    from varco.ops.people_words import show_all
    from varco.people import clinics
    from varco.tenants import queries

    found = queries.memberships(clinics.find(options.tenant) if options.tenant else None)
    rows = [_member_facts(membership) for membership in found]
    show_all(rows, ("email", "tenant", "role", "state"), as_json=options.json)


def _print(tenant: "Tenant", options: argparse.Namespace) -> None:
    from varco.ops.people_words import show_one

    show_one(_facts(tenant), as_json=options.json)


def _facts(tenant: "Tenant") -> dict[str, Any]:
    from varco.ops.people_words import moment

    return {
        "id": tenant.public_id,
        "name": tenant.name,
        "kind": tenant.kind,
        "state": tenant.state,
        "created": moment(tenant.created_at),
    }


def _member_facts(membership: "Membership") -> dict[str, Any]:
    from varco.ops.people_words import moment

    return {
        "email": membership.user.email,
        "tenant": membership.tenant.public_id,
        "role": membership.role,
        "permissions": membership.permissions.split(),
        "state": "active" if membership.active else "inactive",
        "until": moment(membership.expires_at),
    }
