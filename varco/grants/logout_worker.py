"""Telling applications that a session is over (OpenID Connect Back-Channel Logout 1.0 §2.5), retried like all that goes outside.

The logout token is signed when it is sent, so that a later try carries one that is still good.
"""

import logging
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from varco import clock, outbound
from varco.audit.services import Origin, record, record_refusal_row
from varco.audit.tags import Tag
from varco.grants.models import LogoutNotice
from varco.grants.session_end import logout_uri
from varco.keys import queries as keys
from varco.outbound import OutboundError
from varco.protocol import logout
from varco.protocol.jose.own_jwt import Signer

LEASE = 120  # seconds a worker has for one notice before another may try
PAUSES = (10, 60, 300, 1800, 7200)  # seconds after each failed try; then it gives up
TIMEOUT = 5.0  # seconds an application has to answer
BATCH, SHARE = 64, 8  # notices sent in one turn, and how many of them may be one application's
THREADS = 8
ENDPOINT = "/backchannel-logout"
"""Where a failure stands in the developer's trace."""

_log = logging.getLogger("varco.logout")


def send_due(*, private_allowed: bool) -> int:
    """Send what is due and return how many applications confirmed; a failure is noted and tried again later.

    `private_allowed`: whether applications may be on this machine or network, as in the demo.
    """
    claimed = [notice for notice in _due() if notice.claim(LEASE)]
    calls = list(_calls(claimed))
    if not calls:
        return 0
    with ThreadPoolExecutor(THREADS, "logout") as pool:
        answers = pool.map(lambda call: _post(call[1], call[2], private_allowed=private_allowed), calls)
        return sum(_recorded(notice, *answer) for (notice, _, _), answer in zip(calls, answers, strict=True))


def _due() -> QuerySet[LogoutNotice]:
    """What is due, the applications by turns: one that does not answer makes nobody wait but itself."""
    turn = Window(RowNumber(), partition_by=[F("application_id")], order_by=[F("next_try_at").asc(), F("pk").asc()])
    due = LogoutNotice.due().annotate(turn=turn).filter(turn__lte=SHARE).order_by("turn", "next_try_at")
    return due.select_related("application__live_revision", "user", "tenant")[:BATCH]


def _calls(claimed: Iterable[LogoutNotice]) -> Iterable[tuple[LogoutNotice, str, bytes]]:
    """Each notice with its address and its freshly signed body; those that nobody is to be told of any more are dropped."""
    signers: dict[str, Signer | None] = {}
    now = clock.now()
    for notice in claimed:
        uri, live = logout_uri(notice.application), notice.application.live_revision
        if not uri or live is None:
            notice.dropped("the application is not in force, or has no address to be told at")
            continue
        alg = live.id_token_alg
        if alg not in signers:
            signers[alg] = keys.signer(alg, logout.LOGOUT_TYP, now)
        signer = signers[alg]
        if signer is None:
            notice.failed(f"there is no key that signs {alg}", PAUSES)
            continue
        claims = logout.logout_token_claims(
            issuer=settings.VARCO.issuer,
            client_id=notice.application.client_id or "",
            sub=notice.user.public_id,
            sid=notice.sid,
            jti=secrets.token_hex(16),
            now=now,
        )
        yield notice, uri, urlencode({"logout_token": signer.sign(msgspec.json.encode(claims))}).encode()


def _post(uri: str, body: bytes, *, private_allowed: bool) -> tuple[int | None, str]:
    """Call an application, in a thread that touches no database: the status of its answer, or None and why there is none."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        answer = outbound.request(uri, headers=headers, body=body, private_allowed=private_allowed, timeout=TIMEOUT)
    except OutboundError as fault:
        return None, str(fault)
    return answer.status, ""


@transaction.atomic
def _recorded(notice: LogoutNotice, status: int | None, fault: str) -> int:
    """Write down how a try went; 1 if the application confirmed."""
    if status in logout.CONFIRMED:
        notice.sent()
        return 1
    received = fault or f"HTTP {status}"
    pause = notice.failed(received, () if status == logout.FINAL else PAUSES)
    _log.warning(
        "an application was not told of a logout, %s", "giving up" if pause is None else f"next try in {pause} s",
        extra={"client_id": notice.application.client_id, "tries": notice.tries, "error": received, "request_id": notice.request_id},
    )  # fmt: skip
    row = logout.undelivered(status, fault, pause)
    record_refusal_row(row, endpoint=ENDPOINT, request_id=notice.request_id, application_id=notice.application_id)
    if pause is None:
        record(
            Tag.LOGOUT_UNDELIVERED,
            Origin(request_id=notice.request_id),
            application=notice.application,
            user=notice.user,
            tenant=notice.tenant,
            received=received,
            tries=notice.tries,
        )
    return 0
