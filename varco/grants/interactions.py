"""An authorization request on its way through sign-in and consent, kept in one row from step to step."""

from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction

from varco import clock
from varco.accounts.models import User
from varco.grants.models import Interaction, PushedRequest
from varco.protocol import pushed_request as par
from varco.protocol.credentials import hash_of
from varco.protocol.parameters import Parameters


class StoredRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What an interaction's row keeps in `parameters`.

    The request is kept as received and checked again at every step, so that nothing rests on a check of before.
    `version` is the application's version under which the person last saw what is asked for; `chosen` is the `sub` of the
    person who said "continue as me" (prompt=select_account).
    """

    values: dict[str, str]
    resource: tuple[str, ...] = ()
    request_uri_hash: str = ""  # of a pushed request
    dpop_jkt: str = ""  # of the proof that came with a pushed request (RFC 9449 §10.1)
    version: int = 0
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


def pushed_request(client_id: str, reference: str) -> PushedRequest:
    """The request a client pushed beforehand (RFC 9126), which nothing is taken from yet. Raises `OAuthError`, for a page."""
    found = PushedRequest.objects.filter(pk=_request_uri_hash(reference)).first()
    record = found and par.PushedRecord(client_id=found.client_id, expires_at=found.expires_at, used_at=found.used_at)
    par.check_request_uri(record or None, client_id, clock.now())
    if found is None:
        raise LookupError("par.recall lets no missing request through")
    return found


def _request_uri_hash(reference: str) -> str:
    return hash_of(par.PREFIX + reference)


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


def parameters_of(pushed: PushedRequest) -> Parameters:
    """The parameters of a pushed request; `client_id` is the one that authenticated."""
    kept = msgspec.convert(pushed.parameters, StoredRequest)
    return StoredRequest(values={**kept.values, "client_id": pushed.client_id}, resource=kept.resource).parameters()


def begin(
    parameters: Parameters, *, client_id: str, version: int, browser: str, pushed: PushedRequest | None = None
) -> Interaction:
    """Start an interaction. `browser` is the hash of the browser's secret, or empty while that is not known yet.

    A pushed request is used up by it; raises `OAuthError`, for a page, if another was faster.
    """
    members = par.stored(parameters)
    stored = StoredRequest(
        values=members["values"],
        resource=tuple(members["resource"]),
        request_uri_hash=pushed.pk if pushed else "",
        dpop_jkt=pushed.dpop_jkt if pushed else "",
        version=version,
        began_ms=clock.now_ms(),
    )
    with transaction.atomic():
        if pushed is not None:
            _use_up(pushed)
        return Interaction.objects.create(
            browser=browser,
            client_id=client_id,
            parameters=msgspec.to_builtins(stored),
            expires_at=clock.now() + settings.VARCO.interaction_lifetime,
        )


def _use_up(pushed: PushedRequest) -> None:
    """One conditional UPDATE, so that of two browsers with the same reference one goes on."""
    now = clock.now()
    if not PushedRequest.objects.filter(pk=pushed.pk, used_at=None, expires_at__gt=now).update(used_at=now):
        used = par.PushedRecord(client_id=pushed.client_id, expires_at=pushed.expires_at, used_at=now)
        par.check_request_uri(used, pushed.client_id, now)


def stored_request(interaction: Interaction) -> StoredRequest:
    """What the row keeps of the request."""
    return msgspec.convert(interaction.parameters, StoredRequest)


def update(interaction: Interaction, **changes: Any) -> None:
    """Change members of what the row keeps (`version`, `chosen`)."""
    interaction.parameters = msgspec.to_builtins(msgspec.convert({**interaction.parameters, **changes}, StoredRequest))
    interaction.save(update_fields=["parameters"])


def bind_browser(interaction: Interaction, browser: str) -> bool:
    """Tie an interaction that has no browser yet to the first that opens it; False if another was faster."""
    won = Interaction.objects.filter(pk=interaction.pk, browser="").update(browser=browser) == 1
    if won:
        interaction.browser = browser
    return won


def bind_user(interaction: Interaction, user: User) -> None:
    """Make it this person's; what another chose before them is forgotten."""
    if interaction.user_id == user.pk:
        return
    interaction.user = user
    interaction.parameters = {**interaction.parameters, "chosen": ""}
    interaction.save(update_fields=["user", "parameters"])


def claim(interaction: Interaction) -> bool:
    """Finish an interaction; False if it was finished before, or is over. Of two that try, one succeeds."""
    now = clock.now()
    won = (
        Interaction.objects.filter(pk=interaction.pk, finished_at=None, expires_at__gt=now).update(finished_at=now) == 1
    )
    if won:
        interaction.finished_at = now
    return won
