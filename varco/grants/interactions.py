"""An authorization request on its way through sign-in and consent, kept in one row from step to step once a page is shown."""

import base64
import hashlib
import hmac
from collections.abc import Iterator

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import CharField

from varco import clock, sealing
from varco.accounts.models import User
from varco.compiled import Added, Compiled
from varco.databases import only
from varco.grants.models import Interaction, PushedRequest
from varco.protocol import pushed_request as rules
from varco.protocol.credentials import hash_of
from varco.protocol.parameters import Parameters


class StoredRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What an interaction's row keeps in `parameters`.

    The request is kept as received and checked again at every step, so that nothing rests on a check of before.
    `chosen` is the `sub` of the person who said "continue as me" (prompt=select_account).
    """

    values: dict[str, str]
    resource: tuple[str, ...] = ()
    request_uri_hash: str = ""  # of a pushed request
    dpop_jkt: str = ""  # of the proof that came with a pushed request (RFC 9449 §10.1)
    began_ms: int = 0
    chosen: str = ""

    @property
    def pushed(self) -> bool:
        """Whether the client pushed the request (RFC 9126)."""
        return bool(self.request_uri_hash)

    def parameters(self) -> Parameters:
        """The request's parameters, as they were parsed."""
        return Parameters(self.values, {"resource": self.resource} if self.resource else {})


def browser_hash(secret: str) -> str:
    """How the row knows the browser, by the secret in its cookie."""
    return hash_of(secret)


# --- Pushed requests (RFC 9126) -------------------------------------------------------------------------------------


def pushed_request(client_id: str, reference: str) -> PushedRequest:
    """The request a client pushed beforehand, which nothing is taken from yet. Raises `OAuthError`, for a page."""
    found = only(PushedRequest.objects.filter(pk=_request_uri_hash(reference)))
    rules.check_request_uri(_record(found, found.used_at) if found else None, client_id, clock.now())
    if found is None:
        raise LookupError("check_request_uri lets no missing request through")
    return found


def parameters_of(pushed: PushedRequest) -> Parameters:
    """The parameters of a pushed request; `client_id` is the one that authenticated."""
    kept = msgspec.convert(pushed.parameters, StoredRequest)
    return StoredRequest(values={**kept.values, "client_id": pushed.client_id}, resource=kept.resource).parameters()


def begun_with(reference: str, *, client_id: str, browser: str) -> Interaction | None:
    """What this browser began with a pushed request and has not finished.

    A page that is loaded again is no second use: RFC 9126 §7.3, FAPI 2.0 §5.3.2.2 (once authorized, not once loaded).
    """
    return Interaction.objects.filter(
        browser=browser,
        client_id=client_id,
        parameters__request_uri_hash=_request_uri_hash(reference),
        finished_at=None,
        expires_at__gt=clock.now(),
    ).first()


def _request_uri_hash(reference: str) -> str:
    return hash_of(rules.PREFIX + reference)


def _record(pushed: PushedRequest, used_at: int | None) -> rules.PushedRecord:
    return rules.PushedRecord(client_id=pushed.client_id, expires_at=pushed.expires_at, used_at=used_at)


def _use_up(interaction: Interaction) -> None:
    """One conditional UPDATE, so that of two browsers with the same reference one goes on."""
    now, pk = clock.now(), _request_of(interaction)
    if not PushedRequest.objects.filter(pk=pk, used_at=None, expires_at__gt=now).update(used_at=now):
        gone = only(PushedRequest.objects.filter(pk=pk))
        rules.check_request_uri(_record(gone, now) if gone else None, interaction.client_id, now)


def _request_of(interaction: Interaction) -> str:
    """The key of the pushed request that an interaction is about; empty for one that came in the browser itself."""
    return str(interaction.parameters["request_uri_hash"])


# --- Interactions ---------------------------------------------------------------------------------------------------


OF_ONE, FROM_ONE_PLACE = 20, 1000
"""How many interactions wait at a time: of one person or browser, and begun in one place by browsers that nothing is known of."""


class TooManyWaiting(Exception):  # noqa: N818 - it is an answer, not a failure
    """So many interactions of one place wait that no further one is begun there for a stranger."""


def _make_room(browser: str, user: User | None, place: str) -> None:
    """Keep the rows that wait bounded. Raises `TooManyWaiting`.

    Of a person, or of a browser by its secret, the oldest make room: nobody else can push those out. Whoever has neither is
    turned away where too many wait from the same place, which a stranger there can bring about; who is known there still gets in.
    """
    waiting = Interaction.objects.filter(finished_at=None, expires_at__gt=clock.now())
    own = waiting.filter(user=user) if user else waiting.filter(browser=browser)
    kept = list(own.order_by("-created_at", "-pk").values_list("pk", flat=True)[:OF_ONE]) if user or browser else []
    if len(kept) == OF_ONE:
        own.exclude(pk__in=kept[:-1]).delete()
    if not (user or kept) and waiting.filter(place=place)[:FROM_ONE_PLACE].count() == FROM_ONE_PLACE:
        raise TooManyWaiting


def begin(
    parameters: Parameters,
    *,
    client_id: str,
    browser: str,
    place: str = "",
    user: User | None = None,
    pushed: PushedRequest | None = None,
) -> Interaction:
    """An interaction that begins, and is not kept yet: most end at once, by a consent that is remembered, and need no row.

    `browser` is the hash of the browser's secret, or empty while that is not known yet; `place` the network it is in.
    `user` is the person signed in there, whose it is until somebody else goes on with it.
    """
    stored = rules.stored(parameters) | {
        "request_uri_hash": pushed.pk if pushed else "",
        "dpop_jkt": pushed.dpop_jkt if pushed else "",
        "began_ms": clock.now_ms(),
    }
    return Interaction(
        browser=browser,
        place=place,
        client_id=client_id,
        user=user,
        parameters=stored,
        expires_at=clock.now() + settings.VARCO.interaction_lifetime,
    )


def _is_kept(interaction: Interaction) -> bool:
    return not interaction._state.adding


def keep(interaction: Interaction) -> None:
    """Store an interaction that a further request will go on with; nothing is done to one that is stored.

    A pushed request is used up by it; raises `OAuthError`, for a page, if another was faster, and `TooManyWaiting`.
    """
    if _is_kept(interaction):
        return
    _make_room(interaction.browser, interaction.user, interaction.place)
    if not _request_of(interaction):
        _ADDED(interaction)
        return
    with transaction.atomic():
        _use_up(interaction)
        _ADDED(interaction)


def handle(interaction: Interaction) -> str:
    """The name of an interaction in addresses: its id and a code of 128 bits, which nobody can make who reads the database."""
    return interaction.pk + next(_codes(interaction.pk))


def find(named: str) -> Interaction | None:
    """The interaction of a `handle`, whatever became of it."""
    interaction_id, code = named[:-_CODE_LENGTH], named[-_CODE_LENGTH:]
    if not any(hmac.compare_digest(code.encode(), own.encode()) for own in _codes(interaction_id)):
        return None
    return _KEPT.only(interaction=interaction_id)


_CODE_LENGTH = 22
_KEPT = Compiled(lambda interaction: Interaction.objects.filter(pk=interaction), interaction=CharField())
_ADDED = Added(Interaction)


def _codes(interaction_id: str) -> Iterator[str]:
    for master in settings.MASTER_KEYS:
        octets = hmac.digest(sealing.derive(master, "interaction"), interaction_id.encode(), hashlib.sha256)[:16]
        yield base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def stored_request(interaction: Interaction) -> StoredRequest:
    """What the row keeps of the request."""
    return msgspec.convert(interaction.parameters, StoredRequest)


def bind_browser(interaction: Interaction, browser: str) -> bool:
    """Tie an interaction that has no browser yet to the first that opens it; False if another was faster."""
    won = Interaction.objects.filter(pk=interaction.pk, browser="").update(browser=browser) == 1
    if won:
        interaction.browser = browser
    return won


def bind_user(interaction: Interaction, user: User) -> None:
    """Make it this person's. What another chose before them is forgotten."""
    if interaction.user_id != user.pk:
        _save(interaction, user, chosen="")


def choose_account(interaction: Interaction, user: User) -> None:
    """Note that this person said "continue as me" (prompt=select_account)."""
    _save(interaction, user, chosen=user.public_id)


def _save(interaction: Interaction, user: User, *, chosen: str) -> None:
    interaction.user = user
    interaction.parameters = {**interaction.parameters, "chosen": chosen}
    interaction.save(update_fields=["user", "parameters"])


def claim(interaction: Interaction) -> bool:
    """Finish an interaction; False if it was finished before, or is over. Of two that try, one succeeds.

    One that is not kept is nobody else's; its pushed request may be, and raises `OAuthError`, for a page, if another was faster.
    """
    now = clock.now()
    if not _is_kept(interaction):
        if _request_of(interaction):
            _use_up(interaction)
        return True
    unfinished = Interaction.objects.filter(pk=interaction.pk, finished_at=None, expires_at__gt=now)
    won = unfinished.update(finished_at=now) == 1
    if won:
        interaction.finished_at = now
    return won


def is_finished(interaction: Interaction) -> bool:
    """Whether it is finished by now, by another request perhaps since this one read it."""
    return Interaction.objects.filter(pk=interaction.pk, finished_at__isnull=False).exists()
