"""The pack of an incident: every record of a person, an application or a clinic in a time, as one file that proves itself offline.

The file is lines of JSON: a heading, a row a line, and last a line with the SHA-256 of all before it and the signature of that (JWS, RFC 7515).
It is written while it is read, so its size does not matter.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.conf import settings

from varco import clock
from varco.audit import queries as events
from varco.clinical.access import chain, records
from varco.clinical.access.records import Wanted
from varco.databases import CLINIC_ALIASES
from varco.keys import queries as keys
from varco.proof import upkeep
from varco.proof.formats import ALGORITHM, PACK, PackClaims
from varco.proof.heads import NoKeyError

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Window:
    """What a pack is about: one of a person (`sub`), an application (key and `client_id`) and a clinic (database and public id).

    From a moment on and before another, in epoch milliseconds.
    """

    since: int
    until: int
    person: str = ""
    application: tuple[int, str] | None = None
    tenant: tuple[str, str] | None = None

    def said(self) -> dict[str, Any]:
        """The window as the heading of the pack says it."""
        about = (
            {"person": self.person}
            if self.person
            else {"application": self.application[1]}
            if self.application
            else {"tenant": self.tenant[1] if self.tenant else ""}
        )
        return about | {"from": _iso(self.since), "to": _iso(self.until)}


def lines(window: Window) -> Iterator[bytes]:
    """The file, line by line. Raises `NoKeyError` before the first one."""
    upkeep.link_rows(seconds=60)
    signer = keys.signer(ALGORITHM, PACK, clock.now())
    if signer is None:
        raise NoKeyError
    return _lines(window, signer)


def _lines(window: Window, signer: Any) -> Iterator[bytes]:
    digest, number = hashlib.sha256(), 0
    issuer, now = settings.VARCO.issuer, clock.now()
    heading = {"varco_pack": 1, "issuer": issuer, "made": _iso(now * 1000), "about": window.said()}
    for place, line in enumerate(_encode(row) + b"\n" for row in _with(heading, rows(window))):
        digest.update(line)
        number = place
        yield line
    claims = PackClaims(issuer, now, digest.hexdigest(), number, window.said())
    yield _encode({"rows": number, "sha256": claims.sha256, "jws": signer.sign(_encode(claims))}) + b"\n"


def _with(heading: dict[str, Any], found: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield heading
    yield from found


def rows(window: Window) -> Iterator[dict[str, Any]]:
    """What is in a pack: the platform's events first, then the access records, a clinic after the other, each by time."""
    yield from _events(window)
    for wanted in _wanted(window):
        for row in wanted.in_parts(("pk", "seq", "digest", *chain.COLUMNS)):
            yield _row(f"{wanted.alias}:{wanted.tenant_id}", chain.COLUMNS, row)


def _events(window: Window) -> Iterator[dict[str, Any]]:
    parts: list[Iterator[tuple[Any, ...]]] = []
    since, until = window.since, window.until
    if window.person:
        parts.append(events.events_in_parts("actor", window.person, since, until))
        parts.append(events.events_in_parts("user", window.person, since, until, without=window.person))
    elif window.application:
        parts.append(events.events_in_parts("application_id", window.application[0], since, until))
    elif window.tenant:
        parts.append(events.events_in_parts("tenant", window.tenant[1], since, until))
    for part in parts:
        for row in part:
            yield _row("platform", events.EVENT_COLUMNS, row)


def _wanted(window: Window) -> Iterator[Wanted]:
    if window.tenant:
        yield Wanted(*window.tenant, since=window.since, until=window.until)
        return
    for alias in CLINIC_ALIASES:
        if window.person:
            tenants = records.clinics_of_person(alias, window.person)
        else:
            tenants = records.clinics_of(alias, window.application[0] if window.application else 0)
        for tenant in tenants:
            yield Wanted(
                alias,
                tenant,
                person=window.person,
                application_id=window.application[0] if window.application else None,
                since=window.since,
                until=window.until,
            )


def _row(stream: str, columns: tuple[str, ...], values: tuple[Any, ...]) -> dict[str, Any]:
    pk, seq, digest, *words = values
    return {
        "stream": stream,
        "seq": seq,
        "digest": bytes(digest or b"").hex(),
        "id": pk,
        **dict(zip(columns, words, strict=True)),
    }


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
