"""Answers that are remembered by `Idempotency-Key`: the same call sent again gets the same answer, and changes nothing (S54).

A key belongs to one application, person and operation, for 24 hours. Its row is written in the transaction of the change, so
of two calls with one key at the same moment the database lets one through, and the other waits and finds the answer.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from varco.gate.api.operations import Operation
from varco.gate.auth.bearer import Caller
from varco.gate.http import Request, Response, encode_json
from varco.gate.store import BoundStatement, Database, Further
from varco.gate.store.sql import idempotency as sql
from varco.protocol.errors import OAuthError

KEPT = 24 * 3600
"""Seconds that an answer is remembered."""

_SAID = "(record)"
"""The line beside the headers that holds what the access record said; no header can be called so."""


class RememberedAnswer:
    """The answer of one key: looked up, told again, or written down with the change."""

    def __init__(self, database: Database, operation: Operation, caller: Caller, key: str, now: int) -> None:
        """`now` in epoch seconds."""
        self._database = database
        self._now = now
        scope = (str(caller.client.application_id), caller.person.sub, caller.tenant.id, operation.name, key)
        self._id = _digest(*scope)
        self._fingerprint = ""

    def of(self, request: Request, body: Any) -> None:
        """Note what is asked: the address and the body, however its JSON is written."""
        self._fingerprint = _digest(request.path, encode_json(body).decode())

    async def again(self) -> tuple[Response, dict[str, Any]] | None:
        """Return the answer that this call got before, and what its access record said of it; None for a new key.

        Raises `OAuthError` (422) when the key was used for something else.
        """
        row = await self._database.one(sql.ANSWER_OF_KEY(id=self._id, now=self._now))
        if row is None:
            return None
        if row.fingerprint != self._fingerprint:
            raise OAuthError(
                "idempotency_key_reused",
                "This Idempotency-Key was used with another body. Use a new key for every new call.",
                status=422,
                rule="S54 Idempotency-Key",
                received="a key that was used with another body",
                expected="the same body, or a new key",
            )
        lines = dict(_pairs(row.headers))
        said = msgspec.json.decode(lines.pop(_SAID, "{}"))
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in lines.items()]
        return Response(row.status, row.body.encode(), [*headers, (b"idempotency-replayed", b"true")]), said

    def steps(self, answer: Callable[[Any], Response], detail: Callable[[Any], Mapping[str, Any]]) -> list[Further]:
        """What remembers the answer, as further steps of the change; `answer` makes it from the changed row, `detail` what is recorded."""

        def remember(row: Any) -> BoundStatement[None]:
            response = answer(row)
            lines = [*response.headers, (_SAID.encode(), encode_json(detail(row)))]
            headers = "\n".join(f"{name.decode()}: {value.decode()}" for name, value in lines)
            return sql.REMEMBER_ANSWER(
                id=self._id,
                fingerprint=self._fingerprint,
                status=response.status,
                headers=headers,
                body=response.body.decode(),
                now=self._now,
                expires_at=self._now + KEPT,
            )

        return [sql.FORGET_ANSWER(id=self._id, now=self._now), remember]


def _pairs(headers: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (line.partition(": ") for line in headers.split("\n")) if name]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
