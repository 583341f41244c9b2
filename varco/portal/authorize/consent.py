"""What the consent page shows."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from varco import catalog
from varco.catalog import Words
from varco.grants.asking import OFFLINE_ACCESS, OPENID
from varco.portal.authorize.case import Case
from varco.registry.models import Application


@dataclass(frozen=True, slots=True)
class Line:
    """One thing asked for: the switch's name and value, the sentence, and why."""

    field: str  # `scope` or `claim`
    value: str
    sentence: Words
    on: bool
    reason: str = ""
    locked: bool = False
    required: bool = False  # locked because the application says that it cannot work without it
    lasting: bool = False  # the switch for refresh tokens


def context(case: Case, *, changed: bool = False) -> dict[str, Any]:
    """The template's context; `changed` says that the registration changed while the person was reading."""
    words = catalog.load(settings.VARCO.catalog)
    application = Application.objects.select_related("live_revision").get(pk=case.client.application_id)
    refused_before = set(case.consent.refused.split()) if case.consent else set()
    # In the order that was reviewed, whatever order the request names them in.
    lines = [_scope_line(case, words, name, refused_before) for name in case.client.scopes if name in case.ask.scopes]
    lines += [
        Line(field="claim", value=name, sentence=_claim_sentence(words, name), on=name not in refused_before)
        for name in case.ask.claim_groups
    ]
    return {
        "case": case,
        "application": application,
        "approved_at": application.live_revision.decided_at if application.live_revision else None,
        "tenant": case.standing.membership.tenant if case.standing and case.standing.membership else None,
        "lines": lines,
        "claims": [words.claims[name].sentence for name in ("tenant",) if name in case.client.claims],
        "lasting": OFFLINE_ACCESS in case.ask.scopes,
        "lasts_days": settings.VARCO.refresh_absolute // 86400,
        "idle_days": settings.VARCO.refresh_idle // 86400,
        "minutes": max(1, settings.VARCO.access_token_lifetime // 60),
        "changed": changed,
        "again": case.consent is not None and case.consent.withdrawn_at is None,
        "some_required": any(line.required for line in lines),
    }


def _scope_line(case: Case, words: catalog.Catalog, name: str, refused_before: set[str]) -> Line:
    scope, rule = words.scopes[name], case.client.scopes[name]
    locked = name in case.ask.required
    return Line(
        field="scope",
        value=name,
        sentence=scope.sentence,
        reason="" if name == OPENID else rule.reason,
        locked=locked,
        required=locked and name != OPENID,
        on=locked or name not in refused_before,
        lasting=name == OFFLINE_ACCESS,
    )


def _claim_sentence(words: catalog.Catalog, name: str) -> Words:
    """The sentence of the scope of that name, where there is one: it is the same to the person."""
    scope = words.scopes.get(name)
    return scope.sentence if scope else words.claims[name].sentence
