"""The sentences of `varco account`, `tenant` and `member`, and how they print what they found."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from varco.ops.preflight import OperationError
from varco.people.errors import PeopleFault, Refused

SENTENCES: Mapping[PeopleFault, str] = {
    PeopleFault.EMAIL_TAKEN: "there is an account for {email} already; see: varco account show {email}",
    PeopleFault.UNKNOWN_ACCOUNT: "there is no account for {email}; see: varco account list",
    PeopleFault.UNKNOWN_TENANT: "there is no clinic {tenant}; see: varco tenant list",
    PeopleFault.UNKNOWN_ROLE: "there is no role {role}; there are: {known}",
    PeopleFault.UNSOUND: "{field}: {text}",
    PeopleFault.LAST_OPERATOR: "{email} is the last operator, and nobody could decide about applications any more; "
    "make another one first (varco account create … --role operator), or add --force",
    PeopleFault.ALREADY_INACTIVE: "{email} is deactivated already",
    PeopleFault.ALREADY_ACTIVE: "{email} is active already",
    PeopleFault.ROLE_HELD: "{email} has the role {role} already",
    PeopleFault.ROLE_NOT_HELD: "{email} does not have the role {role}",
    PeopleFault.TENANT_STATE: "the clinic {tenant} is {state}: nothing to do",
    PeopleFault.INACTIVE: "{email} is deactivated; run: varco account activate {email}",
    PeopleFault.ACCOUNT_CLOSED: "{email} was closed by its person, which is for good; make another account",
    PeopleFault.OWNS_APPLICATIONS: "{email} answers for {count} applications that are not retired",
    PeopleFault.HAS_PASSWORD: "{email} has set a password already; a forgotten one is set anew at the sign-in page",
    PeopleFault.NO_FACTORS: "{email} has no second factor",
    PeopleFault.TENANT_TAKEN: "there is a clinic {tenant} already; see: varco tenant show {tenant}",
    PeopleFault.TENANT_CLOSED: "the clinic {tenant} is closed",
    PeopleFault.MEMBER_ALREADY: "{email} is a member of {tenant} already; a person belongs to one clinic: "
    "varco member remove {email}",
    PeopleFault.NO_MEMBER: "{email} is a member of no clinic",
    PeopleFault.REASON_MISSING: "give a reason: --reason TEXT",
    PeopleFault.REASON_TOO_LONG: "the reason is longer than {limit} characters",
    PeopleFault.STALE: "this changed meanwhile; look how it stands now",
    PeopleFault.NOTHING_CHANGED: "nothing differs from what holds already",
    PeopleFault.OWN_ACCOUNT: "nobody does this to their own account",
    PeopleFault.LAST_MANAGER: "{email} is the last manager of the clinic, and nobody would answer for it; "
    "make another one first (varco member add … --role manager), or add --force",
    PeopleFault.MEMBER_INACTIVE: "this member is switched off already",
    PeopleFault.MEMBER_ACTIVE: "this member is switched on already",
    PeopleFault.TEMPORARY_ROLE: "integrator users are not members",
    PeopleFault.UNKNOWN_PERMISSION: "there is no permission {permission}",
    PeopleFault.READS_NO_DATA: "a data protection officer reads logs, not data",
    PeopleFault.INVITATION_OVER: "this invitation no longer works",
    PeopleFault.INVITED_JUST_NOW: "a mail went to this address less than {minutes} minutes ago",
    PeopleFault.INVITATIONS_TOO_MANY: "{limit} invitations of the clinic wait already",
    PeopleFault.OTHER_ADDRESS: "this invitation was sent to another address",
    PeopleFault.TAKES_TWO: "this takes two operators",
    PeopleFault.PROPOSED_ALREADY: "this is proposed already",
    PeopleFault.PROPOSAL_OVER: "this proposal is over",
    PeopleFault.PROPOSAL_OWN: "nobody confirms what they proposed themselves",
    PeopleFault.PROPOSER_GONE: "whoever proposed this is no operator any more",
}


@contextmanager
def worded() -> Iterator[None]:
    """Raise what the services refuse as `OperationError`, in words."""
    try:
        yield
    except Refused as refusal:
        fault = refusal.fault
        sentence = SENTENCES[PeopleFault(fault.code)]
        raise OperationError(
            sentence.format(**{name: _printable(value) for name, value in fault.parameters.items()})
        ) from None


def _printable(value: str | int) -> str:
    """A value as a terminal may have it: what cannot be seen, or would steer it, as its escape."""
    return "".join(part if part.isprintable() else part.encode("unicode_escape").decode() for part in str(value))


def moment(at: int | None) -> str:
    """Epoch seconds for people and programs, in UTC; empty for none."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at is not None else ""


def show_one(facts: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one thing: a line a fact, or a JSON object."""
    if as_json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    width = max(map(len, facts)) + 1
    for name, value in facts.items():
        print(f"{name.replace('_', ' '):<{width}} {_plain(value)}".rstrip())


def show_all(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    """Print a list: a table of some columns, or a JSON array of everything."""
    if as_json:
        print(json.dumps(list(rows), ensure_ascii=False))
        return
    table = [[name.upper().replace("_", " ") for name in columns]]
    table += [[_plain(row[name]) for name in columns] for row in rows]
    widths = [max(len(line[position]) for line in table) for position in range(len(columns))]
    for line in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "-"
