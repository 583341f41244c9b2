"""`--client-file`: redirect URIs and keys of the demo's clients, for a test suite that brings its own (docs/demo.md)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from varco.ops.demo.clients import PLANS
from varco.ops.preflight import OperationError


class ClientChange(msgspec.Struct, forbid_unknown_fields=True):
    """What can be set for one client; `jwks` are its public keys. Anything left out stays as the demo has it."""

    redirect_uris: tuple[str, ...] | None = None
    post_logout_redirect_uris: tuple[str, ...] | None = None
    backchannel_logout_uri: str | None = None
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    token_endpoint_audience: bool | None = None
    pkce_exception: str | None = None
    id_token_alg: str | None = None
    userinfo_alg: str | None = None
    token_endpoint_auth_method: str | None = None
    profile: str | None = None
    pkce: Literal["required", "optional"] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What to set for one client: fields of its registration, and whether it needs PKCE (None: as it is)."""

    registration: dict[str, Any] = field(default_factory=dict)
    pkce_required: bool | None = None


Changes = dict[str, Change]
"""By key of the client."""


def read(path: Path) -> Changes:
    """The changes of a client file. Raises `OperationError`, also for a key that is no client of the demo."""
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise OperationError(f"cannot read {path}: {fault.strerror}") from None
    return parsed(content, str(path))


def parsed(content: bytes, name: str) -> Changes:
    """The changes in the content of the file called so. Raises `OperationError`."""
    try:
        told = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError) as fault:  # UnicodeDecodeError is a ValueError, and so are all of msgspec's
        raise OperationError(f"{name}: {fault}") from None
    known = [plan.key for plan in PLANS]
    for key in told:
        if key not in known:
            raise OperationError(f"{name}: the demo has no client {key}; its clients are {', '.join(known)}")
    return {key: _change(f"{name}: client {key}", change) for key, change in told.items()}


def _change(where: str, content: msgspec.Raw) -> Change:
    try:
        change = msgspec.json.decode(content, type=ClientChange)
    except (ValueError, RecursionError) as fault:
        raise OperationError(f"{where}: {fault}") from None
    given = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
    pkce = given.pop("pkce", None)
    # A client has its keys either by value or by address (RFC 7591 §2).
    if "jwks_uri" in given:
        given.setdefault("jwks", None)
    elif "jwks" in given:
        given["jwks_uri"] = ""
    return Change(given, None if pkce is None else pkce == "required")
