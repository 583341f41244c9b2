"""`varco tour`: play the story, print it, and say by the exit status whether all of it was as it must be."""

import argparse
import json
from pathlib import Path
from typing import Any

from varco.ops.preflight import OperationError
from varco.ops.tour.steps import Mismatch, Tour
from varco.ops.tour.story import Story


def run(options: argparse.Namespace) -> int:
    """0 if every step was as it must be, 1 otherwise. Raises `OperationError` for a manifest that is none."""
    told: dict[str, Any] = _manifest(options.manifest) if options.manifest else {}
    issuer = (options.url or told.get("issuer") or "http://localhost:8000").rstrip("/")
    passwords = {account["key"]: account["password"] for account in told.get("accounts", [])}
    tour = Tour(as_json=options.json)
    failed = None
    try:
        Story(issuer, tour, passwords).play()
    except Mismatch as fault:
        failed = fault
    if options.json:
        print(tour.document(issuer))
    elif failed:
        print(f"\nStopped at step {len(tour.steps)}: {tour.steps[-1].title}.")
    else:
        print(f"\nAll {len(tour.steps)} steps were as they must be.")
    return 1 if failed else 0


def _manifest(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except OSError as fault:
        raise OperationError(f"cannot read {path}: {fault.strerror}") from None
    except ValueError:
        raise OperationError(f"{path} is not a manifest of `varco demo`") from None
