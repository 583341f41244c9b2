"""What the consent page shows."""

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import QueryDict

from varco import catalog
from varco.catalog import Words
from varco.grants.consent_request import ConsentRequest
from varco.grants.models import Consent
from varco.grants.services import TENANT_CLAIM
from varco.portal.common.bilingual import Said, said
from varco.protocol.client import Client
from varco.protocol.scope import OFFLINE_ACCESS, OPENID
from varco.registry import access
from varco.registry.models import Application
from varco.tenants.models import Tenant
from varco.tickets import activations


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One thing asked for: the switch's name and value, the sentence, and why."""

    field: str  # `scope` or `claim`
    value: str
    sentence: Words
    on: bool
    reason: Said | None = None
    locked: bool = False
    required: bool = False  # locked because the application says that it cannot work without it
    lasting: bool = False  # the switch for refresh tokens
    cautious: bool = False  # off because of its risk until the person turns it on


@dataclass(frozen=True, slots=True)
class _EarlierAnswer:
    """What the person accepted and refused another time."""

    accepted: frozenset[str]
    refused: frozenset[str]

    @classmethod
    def of(cls, consent: Consent | None) -> "_EarlierAnswer":
        if consent is None:
            return cls(frozenset(), frozenset())
        accepted = consent.scopes.split() if consent.withdrawn_at is None else ()
        return cls(frozenset(accepted), frozenset(consent.refused.split()))


@dataclass(frozen=True, slots=True)
class SentForm:
    """What the person left on and off in a form, by field and value (`scope:openid`)."""

    on: frozenset[str]
    shown: frozenset[str]

    def keep(self, line: ConsentLine) -> ConsentLine:
        """The line as the person left it, if they saw it."""
        key = f"{line.field}:{line.value}"
        return line if line.locked or key not in self.shown else replace(line, on=key in self.on)


def sent(form: QueryDict) -> SentForm:
    """The form as it was sent."""
    on = frozenset(f"{field}:{value}" for field in ("scope", "claim") for value in form.getlist(field))
    return SentForm(on, frozenset(form.get("shown", "").split()))


def is_outdated(form: QueryDict, client: Client) -> bool:
    """Whether a form was made of another version of the application than runs now: it says nothing of this one."""
    return form.get("version") != str(client.version)


def context(
    application: Application,
    client: Client,
    consent_request: ConsentRequest,
    before: Consent | None,
    tenant: Tenant | None,
    *,
    sent: SentForm | None = None,
) -> dict[str, Any]:
    """What the consent page shows; `before` is the person's consent of another time, `sent` a form of before that is shown again."""
    words = catalog.current()
    earlier = _EarlierAnswer.of(before)
    # In the order that was reviewed, whatever order the request names them in.
    lines = [
        _scope_line(client, consent_request, words, name, earlier)
        for name in client.scopes
        if name in consent_request.scopes
    ]
    lines += [
        ConsentLine(field="claim", value=name, sentence=_claim_sentence(words, name), on=name not in earlier.refused)
        for name in consent_request.claim_groups
    ]
    if sent is not None:
        lines = [sent.keep(line) for line in lines]
    return {
        "application": application,
        "introduced_by": activations.introduced_by_of(access.developer_id_of(application)),
        "version": client.version,
        "shown": " ".join(f"{line.field}:{line.value}" for line in lines),
        "approved_at": application.live_revision.decided_at if application.live_revision else None,
        "in_development": bool(application.live_revision and application.live_revision.environment == "development"),
        "acts_by_itself": client.acts_by_itself,
        "sandboxes_only": bool(application.live_revision and application.live_revision.sandboxes_only),
        "tenant": tenant,
        "lines": lines,
        "claims": [words.claims[name].sentence for name in (TENANT_CLAIM,) if name in words.claims],
        "lasting": OFFLINE_ACCESS in consent_request.scopes,
        "lasts_days": settings.VARCO.refresh_absolute // 86400,
        "idle_days": settings.VARCO.refresh_idle // 86400,
        "minutes": max(1, settings.VARCO.access_token_lifetime // 60),
        # Of other kinds nobody can tell whether it is the same software that asks again (RFC 8252 §8.6).
        "remembered": client.type in {"web", "spa"} and not client.acts_by_itself,
        "again": before is not None and before.withdrawn_at is None,
    }


def _scope_line(
    client: Client, consent_request: ConsentRequest, words: catalog.Catalog, name: str, earlier: _EarlierAnswer
) -> ConsentLine:
    locked = name in consent_request.required
    # What opens the most and can be left out is for the person to turn on, once.
    cautious = words.scopes[name].risk == "high" and not locked and name not in earlier.accepted | earlier.refused
    return ConsentLine(
        field="scope",
        value=name,
        sentence=words.scopes[name].sentence,
        reason=None if name == OPENID else said(client.scopes[name].reason, client.scopes[name].reason_it),
        locked=locked,
        required=locked and name != OPENID,
        on=locked or not (cautious or name in earlier.refused),
        lasting=name == OFFLINE_ACCESS,
        cautious=cautious,
    )


def _claim_sentence(words: catalog.Catalog, name: str) -> Words:
    """The sentence of the scope of that name, where there is one: it is the same to the person."""
    scope = words.scopes.get(name)
    return scope.sentence if scope else words.claims[name].sentence
