"""What the demo must remember from one start to the next and the databases never hold in the clear: secrets and keys."""

import os
from pathlib import Path
from typing import Any

import msgspec

from varco import sealing

_PURPOSE = "demo-state"


class ClientState(msgspec.Struct):
    """One application of the demo: its row, its secrets and, for `private_key_jwt`, its private keys (a JWK set)."""

    id: int
    secrets: list[str] = []
    jwks: dict[str, Any] | None = None


class State(msgspec.Struct):
    """The content of `demo.sealed` in the data directory."""

    clients: dict[str, ClientState] = {}
    history: bool = False


def load(directory: Path, masters: tuple[bytes, ...]) -> State:
    """The state of the last start; an empty one at the first, or when it does not open under this master key."""
    try:
        return msgspec.json.decode(sealing.open_sealed(masters, _PURPOSE, _file(directory).read_bytes()), type=State)
    except (OSError, sealing.SealError, msgspec.DecodeError):
        return State()


def save(directory: Path, masters: tuple[bytes, ...], state: State) -> None:
    """Write the state, sealed under the master key."""
    write(_file(directory), sealing.seal(masters, _PURPOSE, msgspec.json.encode(state)))


def write(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)


def _file(directory: Path) -> Path:
    return directory / "demo.sealed"
