"""`varco audit`: chains walked and signed, and packs of records for an incident."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from varco.ops.preflight import OperationError

if TYPE_CHECKING:
    from varco.chains.verifying import Verdict
    from varco.proof.pack import Window


def add_parser(commands: Any) -> None:
    """Add `audit` to the commands."""
    parser: argparse.ArgumentParser = commands.add_parser("audit", help="prove the audit, and take from it")
    acts = parser.add_subparsers(title="acts", required=True, metavar="ACT")
    verify = acts.add_parser("verify", help="walk the chains and name the first row that is not as it was recorded")
    verify.add_argument("--tenant", default="", metavar="ID", help="only the access records of this clinic")
    verify.add_argument(
        "--head", type=Path, metavar="FILE", help="a head that was kept elsewhere, to hold its chain to"
    )
    verify.add_argument("--json", action="store_true", help="print JSON")
    verify.set_defaults(run=_run, act=_verify)
    signed = acts.add_parser("sign", help="sign where each chain ends now, and print what was signed")
    signed.set_defaults(run=_run, act=_sign)
    pack = acts.add_parser("pack", help="every record of one person, application or clinic in a time, signed")
    about = pack.add_mutually_exclusive_group(required=True)
    about.add_argument("--person", metavar="EMAIL", help="e-mail address, or the id of somebody who is gone")
    about.add_argument("--application", metavar="CLIENT_ID")
    about.add_argument("--tenant", metavar="ID")
    pack.add_argument(
        "--from", dest="since", required=True, metavar="TIME", help="such as 2026-11-01 or 2026-11-01T08:00Z"
    )
    pack.add_argument("--to", dest="until", required=True, metavar="TIME", help="this moment itself is not in it")
    pack.add_argument("--out", type=Path, metavar="FILE", help="where to write it; it must not be there yet")
    pack.set_defaults(run=_run, act=_pack)
    check = acts.add_parser("check", help="check a pack, wherever it came from; needs no installation")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument(
        "--jwks", type=Path, required=True, metavar="FILE", help="the published keys, as kept with the pack"
    )
    check.set_defaults(run=_check)


def _run(options: argparse.Namespace) -> int:
    from varco.ops.environment import start_django

    start_django()
    from varco.ops.people_words import worded
    from varco.ops.preflight import check_schema

    check_schema()
    with worded():
        return int(options.act(options) or 0)


def _verify(options: argparse.Namespace) -> int:
    from varco.people import clinics
    from varco.proof import verification

    tenant = clinics.find(options.tenant) if options.tenant else None
    kept = options.head.read_text("ascii").strip() if options.head else ""
    verdicts = list(verification.verify(tenant, kept))
    if options.json:
        print(json.dumps([_facts(verdict) for verdict in verdicts], indent=2))
    else:
        for verdict in verdicts:
            print(_line(verdict))
        print("Nothing to verify." if not verdicts else _conclusion(verdicts))
    return int(any(verdict.fault for verdict in verdicts))


def _facts(verdict: "Verdict") -> dict[str, Any]:
    fault = verdict.fault
    return {
        "stream": verdict.stream,
        "removed_up_to": verdict.cut,
        "rows": verdict.rows,
        "heads": verdict.heads,
        "not_linked_yet": verdict.waiting,
        "fault": fault and {"wrong": fault.wrong, "place": fault.seq, "row": fault.row, "detail": fault.detail},
    }


def _line(verdict: "Verdict") -> str:
    if fault := verdict.fault:
        row = f" (row {fault.row})" if fault.row else ""
        return f"{verdict.stream}: {fault.wrong.upper()} at place {fault.seq}{row}: {fault.detail}"
    cut = f", those up to {verdict.cut} were removed as old" if verdict.cut else ""
    waiting = f", {verdict.waiting} not linked yet" if verdict.waiting else ""
    return f"{verdict.stream}: {verdict.rows} rows as they were recorded, {verdict.heads} signed heads{cut}{waiting}"


def _conclusion(verdicts: "list[Verdict]") -> str:
    bad = sum(verdict.fault is not None for verdict in verdicts)
    return f"{bad} of {len(verdicts)} chains are broken." if bad else "Every chain holds."


def _sign(_options: argparse.Namespace) -> None:
    from varco.proof import heads, upkeep

    try:
        made = upkeep.sign_now()
    except heads.NoKeyError:
        raise OperationError("there is no key to sign with; run: varco keys ensure") from None
    for head in made:
        print(head.jws)
    print(
        f"{len(made)} heads signed; keep what stands above elsewhere, for `varco audit verify --head`", file=sys.stderr
    )


def _pack(options: argparse.Namespace) -> None:
    from varco.audit.services import record
    from varco.audit.tags import Tag
    from varco.ops import machine_user
    from varco.proof import heads, pack

    window = _window(options)
    record(Tag.PACK_MADE, machine_user.origin(), about=window.said())
    try:
        lines = pack.lines(window)
        with options.out.open("xb") if options.out else sys.stdout.buffer as out:
            out.writelines(lines)
    except heads.NoKeyError:
        raise OperationError("there is no key to sign with; run: varco keys ensure") from None
    except FileExistsError:
        raise OperationError(f"{options.out} is there already") from None


def _window(options: argparse.Namespace) -> "Window":
    from varco.people import accounts, clinics
    from varco.proof.pack import Window
    from varco.registry import queries as registry

    since, until = _moment(options.since), _moment(options.until)
    if since >= until:
        raise OperationError("--from must be before --to")
    if options.person:
        person = accounts.find(options.person).public_id if "@" in options.person else options.person
        return Window(since, until, person=person)
    if options.application:
        found = registry.application(options.application)
        if found is None:
            raise OperationError(f"there is no application {options.application}")
        return Window(since, until, application=(found.pk, found.client_id or ""))
    tenant = clinics.find(options.tenant)
    return Window(since, until, tenant=(tenant.database, tenant.public_id))


def _moment(text: str) -> int:
    """Epoch milliseconds of a date or time; without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise OperationError(f"{text} is no time; write it as 2026-11-01 or 2026-11-01T08:00Z") from None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)


def _check(options: argparse.Namespace) -> int:
    from varco.proof import pack_check

    try:
        with options.file.open("rb") as file:
            claims = pack_check.check(file, pack_check.keys_of(options.jwks.read_bytes()))
    except pack_check.BadPackError as fault:
        print(f"{options.file}: NOT as it was signed: {fault}")
        return 1
    about = ", ".join(f"{name} {value}" for name, value in claims.about.items())
    print(
        f"{options.file}: {claims.rows} rows as {claims.iss} signed them at {datetime.fromtimestamp(claims.iat, UTC):%Y-%m-%dT%H:%M:%SZ}: {about}"
    )
    return 0
