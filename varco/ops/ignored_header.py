"""The memory of a peer whose `X-Forwarded-For` was not believed, in a file of this machine: `varco doctor` tells of it.

It is about the settings of this machine, so it stands beside them and in no database.
"""

import contextlib
import ipaddress
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from varco import clock
from varco.config import Settings

KEPT = 7 * 86400
"""Seconds that it is told of after it was last seen."""

_FILE = "ignored-forwarded-for.json"


@dataclass(frozen=True, slots=True)
class IgnoredHeader:
    """Whose header, and when (epoch seconds)."""

    peer: str
    at: int


def write(directory: Path, peer: str) -> None:
    """Remember a peer; where there is no directory, or it cannot be written, only the log has it."""
    draft = directory / f".{_FILE}.{os.getpid()}"
    with contextlib.suppress(OSError):
        draft.write_text(json.dumps(asdict(IgnoredHeader(peer, clock.now()))), "ascii")
        draft.chmod(0o600)
        draft.replace(directory / _FILE)


def read(settings: Settings) -> IgnoredHeader | None:
    """The peer that was last seen, unless it is trusted by now or that was long ago."""
    try:
        note = IgnoredHeader(**json.loads((settings.data_dir / _FILE).read_text("ascii")))
        address = ipaddress.ip_address(note.peer)
    except (OSError, ValueError, TypeError):
        return None
    trusted = any(address in network for network in settings.trusted_proxies)
    return None if trusted or note.at < clock.now() - KEPT else note
