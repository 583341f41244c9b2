"""Pushing events to applications (RFC 8935), retried like all that goes outside."""

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from varco import clock, outbound, sealing
from varco.audit.services import Origin, record, record_refusal_row
from varco.audit.tags import Tag
from varco.keys import queries as keys
from varco.outbound import OutboundError
from varco.protocol.jose.own_jwt import Signer
from varco.protocol.signals import events, pushing
from varco.registry.models import Application
from varco.signals.models import PURPOSE, Signal, Stream

LEASE = 120  # seconds a worker has for one event before another may try
PAUSES = (10, 60, 300, 1800, 7200, 28800, 86400)  # seconds after each failed try; then it gives up
TIMEOUT = 5.0  # seconds an application has to answer
BATCH, SHARE = 64, 8  # events sent in one turn, and how many of them may be one stream's
THREADS = 8
BODY_LIMIT = 2000  # bytes of an answer that are looked at
ENDPOINT = "/signals"
"""Where a failure stands in the developer's trace."""

_log = logging.getLogger("varco.signals")


class _Call(NamedTuple):
    """What is sent for an event, where to."""

    signal: Signal
    headers: dict[str, str]
    body: bytes


class _Result(NamedTuple):
    """How it went: the status of the answer, or None; what was wrong; whether it would be wrong again."""

    status: int | None
    fault: str
    final: bool


def send_due(*, private_allowed: bool) -> int:
    """Push what is due and return how many events were taken; a failure is noted and tried again later.

    `private_allowed`: whether applications may be on this machine or network, as in the demo.
    """
    claimed = [signal for signal in _due() if signal.claim(LEASE)]
    calls = list(_calls(claimed))
    if not calls:
        return 0
    with ThreadPoolExecutor(THREADS, "signals") as pool:
        results = pool.map(lambda call: _push(call, private_allowed=private_allowed), calls)
        return sum(_recorded(call.signal, result) for call, result in zip(calls, results, strict=True))


def _due() -> QuerySet[Signal]:
    """What is due to be pushed, the streams by turns: one that does not answer makes nobody wait but itself."""
    turn = Window(RowNumber(), partition_by=[F("stream_id")], order_by=[F("next_try_at").asc(), F("pk").asc()])
    pushed = Signal.due().filter(stream__method=Stream.Method.PUSH, stream__status=Stream.State.ENABLED)
    pushed = pushed.filter(stream__application__state=Application.State.ACTIVE)
    due = pushed.annotate(turn=turn).filter(turn__lte=SHARE).order_by("turn", "next_try_at", "pk")
    return due.select_related("stream__application__live_revision")[:BATCH]


def _calls(claimed: Iterable[Signal]) -> Iterable[_Call]:
    """Each event with its signed token."""
    signers: dict[str, Signer | None] = {}
    for signal in claimed:
        stream = signal.stream
        live = stream.application.live_revision
        if live is None:
            signal.dropped("the application is not in force")
            continue
        alg = live.id_token_alg
        if alg not in signers:
            signers[alg] = keys.signer(alg, events.SET_TYP, clock.now())
        signer = signers[alg]
        if signer is None:
            signal.failed(f"there is no key that signs {alg}", PAUSES)
            continue
        try:
            headers = _headers(stream)
        except sealing.SealError:
            signal.failed("what pushes carry in Authorization does not open here; set it anew", PAUSES)
            continue
        yield _Call(signal, headers, signer.sign(msgspec.json.encode(claims(signal))).encode())


def _headers(stream: Stream) -> dict[str, str]:
    """What a push to a stream carries. Raises `SealError`."""
    headers = {"Content-Type": pushing.CONTENT_TYPE, "Accept": "application/json"}
    if stream.sealed_authorization:
        sealed, context = bytes(stream.sealed_authorization), stream.public_id.encode()
        headers["Authorization"] = sealing.open_sealed(settings.MASTER_KEYS, PURPOSE, sealed, context).decode()
    return headers


def claims(signal: Signal) -> dict[str, object]:
    """What the token of an event says; the gate says the same of one that is fetched."""
    return events.set_claims(
        issuer=settings.VARCO.issuer,
        client_id=signal.stream.application.client_id or "",
        stream_id=signal.stream.public_id,
        kind=signal.kind,
        jti=signal.jti,
        txn=signal.txn,
        at=signal.created_at,
        sub=signal.sub,
        sid=signal.sid,
        detail=msgspec.json.decode(signal.detail),
    )


def _push(call: _Call, *, private_allowed: bool) -> _Result:
    """Call an application, in a thread that touches no database."""
    try:
        answer = outbound.request(
            call.signal.stream.endpoint_url,
            headers=call.headers,
            body=call.body,
            private_allowed=private_allowed,
            timeout=TIMEOUT,
            limit=BODY_LIMIT,
        )
    except OutboundError as fault:
        return _Result(None, str(fault), final=False)
    if answer.status in pushing.TAKEN:
        return _Result(answer.status, "", final=False)
    return _Result(
        answer.status, pushing.fault_text(answer.status, answer.body), pushing.is_final(answer.status, answer.body)
    )


@transaction.atomic
def _recorded(signal: Signal, result: _Result) -> int:
    """Write down how a try went; 1 if the application took the event."""
    stream = Stream.objects.filter(pk=signal.stream_id)
    if result.status in pushing.TAKEN:
        signal.sent()
        stream.update(taken_at=clock.now())
        return 1
    pause = signal.failed(result.fault, () if result.final else PAUSES)
    stream.update(failed_at=clock.now(), last_fault=result.fault[:250])
    application = signal.stream.application
    _log.warning(
        "an application did not take an event, %s", "giving up" if pause is None else f"next try in {pause} s",
        extra={"client_id": application.client_id, "tries": signal.tries, "error": result.fault, "request_id": signal.txn},
    )  # fmt: skip
    row = pushing.undelivered(signal.kind, result.status, result.fault, pause)
    record_refusal_row(row, endpoint=ENDPOINT, request_id=signal.txn, application_id=application.pk)
    if pause is None:
        record(
            Tag.SIGNAL_UNDELIVERED,
            Origin(request_id=signal.txn),
            application=application,
            kind=signal.kind,
            received=result.fault,
            tries=signal.tries,
        )
    return 0
