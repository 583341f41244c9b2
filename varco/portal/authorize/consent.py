"""What the consent page shows."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from varco import catalog
from varco.catalog import Words
from varco.grants.consent_request import ConsentRequest
from varco.grants.models import Consent
from varco.grants.services import TENANT_CLAIM
from varco.protocol.client import Client
from varco.protocol.scope import OFFLINE_ACCESS, OPENID
from varco.registry.models import Application
from varco.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One thing asked for: the switch's name and value, the sentence, and why."""

    field: str  # `scope` or `claim`
    value: str
    sentence: Words
    on: bool
    reason: str = ""
    locked: bool = False
    required: bool = False  # locked because the application says that it cannot work without it
    lasting: bool = False  # the switch for refresh tokens


def context(client: Client, ask: ConsentRequest, before: Consent | None, tenant: Tenant | None) -> dict[str, Any]:
    """What `_application.html`, `_asked.html` and `_terms.html` show; `before` is the person's consent of another time."""
    words = catalog.current()
    application = Application.objects.select_related("live_revision").get(pk=client.application_id)
    refused = set(before.refused.split()) if before else set()
    # In the order that was reviewed, whatever order the request names them in.
    lines = [_scope_line(client, ask, words, name, refused) for name in client.scopes if name in ask.scopes]
    lines += [
        ConsentLine(field="claim", value=name, sentence=_claim_sentence(words, name), on=name not in refused)
        for name in ask.claim_groups
    ]
    return {
        "application": application,
        "approved_at": application.live_revision.decided_at if application.live_revision else None,
        "tenant": tenant,
        "lines": lines,
        "claims": [words.claims[name].sentence for name in (TENANT_CLAIM,) if name in client.claims],
        "lasting": OFFLINE_ACCESS in ask.scopes,
        "lasts_days": settings.VARCO.refresh_absolute // 86400,
        "idle_days": settings.VARCO.refresh_idle // 86400,
        "minutes": max(1, settings.VARCO.access_token_lifetime // 60),
        "again": before is not None and before.withdrawn_at is None,
    }


def _scope_line(
    client: Client, ask: ConsentRequest, words: catalog.Catalog, name: str, refused: set[str]
) -> ConsentLine:
    locked = name in ask.required
    return ConsentLine(
        field="scope",
        value=name,
        sentence=words.scopes[name].sentence,
        reason="" if name == OPENID else client.scopes[name].reason,
        locked=locked,
        required=locked and name != OPENID,
        on=locked or name not in refused,
        lasting=name == OFFLINE_ACCESS,
    )


def _claim_sentence(words: catalog.Catalog, name: str) -> Words:
    """The sentence of the scope of that name, where there is one: it is the same to the person."""
    scope = words.scopes.get(name)
    return scope.sentence if scope else words.claims[name].sentence
