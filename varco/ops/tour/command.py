"""`varco tour`: play the story, print it, and say by the exit status whether all of it was as it must be."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from varco.ops.preflight import OperationError
from varco.ops.tour import accounts
from varco.ops.tour.steps import Mismatch, Tour


def run(options: argparse.Namespace) -> int:
    """0 if every step was as it must be, 1 otherwise. Raises `OperationError` for a manifest that is none."""
    from varco.ops.tour.story import Story

    told: dict[str, Any] = _manifest(options.manifest) if options.manifest else {}
    issuer = (options.url or told.get("issuer") or "http://localhost:8000").rstrip("/")
    cast = _cast(options, {account["key"]: account["password"] for account in told.get("accounts", [])})
    tour = Tour(as_json=options.json)
    failed = None
    try:
        Story(issuer, tour, cast).play()
    except Mismatch as fault:
        failed = fault
    if options.json:
        print(tour.document(issuer))
    elif failed:
        print(f"\nStopped at step {len(tour.steps)}: {tour.steps[-1].title}.")
    else:
        print(f"\nAll {len(tour.steps)} steps were as they must be.")
    return 1 if failed else 0


def add_parser(commands: Any) -> None:
    """Add `tour` to the commands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "tour", help="play the first journey against a running server, step by step"
    )
    parser.add_argument(
        "--url", help="the server's issuer (http://localhost:8000 if neither this nor a manifest is given)"
    )
    parser.add_argument("--manifest", type=Path, metavar="FILE", help="the manifest that `varco demo` wrote")
    parser.add_argument(
        "--people",
        type=Path,
        metavar="FILE",
        help="accounts of your own in place of the demo's, with their passwords, JSON",
    )
    for part in accounts.PARTS:
        parser.add_argument(
            f"--{part}",
            metavar="EMAIL",
            default="",
            help=f"an account of your own; its password in {accounts.variable(part)}",
        )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of lines")
    parser.set_defaults(run=run)


def _cast(options: argparse.Namespace, passwords: dict[str, str]) -> accounts.Cast:
    """The installation's own people, if any are named; else the demo's."""
    emails = {part: getattr(options, part) for part in accounts.PARTS}
    if options.people or any(emails.values()):
        if options.manifest:
            raise OperationError("--manifest is of a demo, whose people play by themselves: leave it out, or --people")
        return accounts.own(emails, options.people, os.environ)
    return accounts.demo(passwords)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except OSError as fault:
        raise OperationError(f"cannot read {path}: {fault.strerror}") from None
    except ValueError:
        raise OperationError(f"{path} is not a manifest of `varco demo`") from None
