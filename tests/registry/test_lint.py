"""Guidance for developers and ranked findings for reviewers (S14)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support import people, registrations
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.portal.common import finding_words
from varco.registry import evidence, services
from varco.registry.lint import Grade, LintInput, findings
from varco.registry.models import Application
from varco.registry.registration import ScopeRequest

Approved = Callable[..., Application]


def codes(
    *, reviewer: bool = False, details: dict[str, Any] | None = None, live: Any = None, **changes: Any
) -> dict[str, Grade]:
    """The findings about the good registration with changes, by code."""
    asked = registrations.registration(**changes).normalised()
    said = {"description_it": "Prende appuntamenti."} | (details or {})
    case = LintInput(
        details=replace(registrations.DETAILS, **said),
        registration=replace(asked, scopes=tuple(replace(scope, reason_it=scope.reason) for scope in asked.scopes)),
        live=live,
        reviewer=reviewer,
    )
    return {finding.code: finding.grade for finding in findings(case)}


def test_nothing_is_said_about_a_good_registration() -> None:
    assert codes() == {}


@pytest.mark.parametrize(
    ("changes", "code", "grade"),
    [
        ({"redirect_uris": ("https://a.example/cb", "http://localhost:3000/cb")}, "local_and_public", Grade.BLOCKER),
        ({"redirect_uris": ("https://a.example/cb", "https://192.168.1.7/cb")}, "local_and_public", Grade.BLOCKER),
        ({"redirect_uris": ("http://127.0.0.1/cb",)}, "local_in_production", Grade.BLOCKER),
        (
            {"redirect_uris": ("https://a.example/cb", "https://staging.a.example/cb")},
            "mixed_environments",
            Grade.BLOCKER,
        ),
        (
            {"environment": "staging", "redirect_uris": ("https://a.example/cb", "https://uat2.a.example/cb")},
            "mixed_environments",
            Grade.WARNING,
        ),
        ({"redirect_uris": ("https://app-test.a.example/cb",)}, "test_host_in_production", Grade.WARNING),
        ({"redirect_uris": ("https://93.184.216.34/cb",)}, "address_host", Grade.WARNING),
        ({"redirect_uris": ("https://a.example/cb", "https://b.test.org/cb")}, "several_sites", Grade.NOTE),
        ({"details": {"name": "GipoNext Mobile"}}, "vendor_name", Grade.BLOCKER),
        ({"details": {"publisher": "The giponext Team"}}, "vendor_name", Grade.BLOCKER),
        ({"details": {"privacy_url": ""}}, "no_privacy_policy", Grade.WARNING),
        ({"details": {"description_it": ""}}, "one_language", Grade.NOTE),
        ({"type": "spa", "scopes": ("giponext.patients", "offline_access")}, "public_offline", Grade.WARNING),
        ({"scopes": ("openid", "giponext.agenda", "giponext.patients")}, "copied_reasons", Grade.NOTE),
        ({"scopes": ("giponext.patients", "giponext.patients.read")}, "reading_and_writing", Grade.NOTE),
        ({"claims": ("profile",)}, "claims_without_scope", Grade.NOTE),
        ({"scopes": ("openid", "email")}, "scope_without_claims", Grade.NOTE),
        ({"reviewer": True}, "sensitive_scopes", Grade.WARNING),
        ({"reviewer": True, "details": {"contacts": ("someone@elsewhere.org",)}}, "contacts_elsewhere", Grade.NOTE),
        ({"live": registrations.registration(scopes=("openid",))}, "new_scopes", Grade.WARNING),
        (
            {
                "live": registrations.registration(),
                "scopes": (*registrations.REGISTRATION.scopes, ScopeRequest("profile", "Greets people.")),
            },
            "new_scopes",
            Grade.NOTE,
        ),
        ({"live": registrations.registration(redirect_uris=("https://old.example/cb",))}, "new_hosts", Grade.WARNING),
    ],
)
def test_what_is_unwise_is_found_with_its_grade(changes: dict[str, Any], code: str, grade: Grade) -> None:
    assert codes(**changes).get(code) == grade


@pytest.mark.parametrize(
    ("lacking", "missing"),
    [
        ({}, None),
        ({"description": "", "description_it": ""}, ["description"]),
        ({"description_it": ""}, ["languages"]),
        ({"privacy_url": "", "description": ""}, ["privacy_url", "languages"]),
    ],
)
def test_in_development_one_note_says_what_production_will_ask_for(
    lacking: dict[str, Any], missing: list[str] | None
) -> None:
    details = replace(registrations.DETAILS, **({"description_it": "Prende appuntamenti."} | lacking))
    asked = registrations.registration(
        environment="development", scopes=(ScopeRequest("giponext.patients", "To look up.", reason_it="Per cercare."),)
    )
    found = findings(LintInput(details=details, registration=asked))
    later = [finding for finding in found if finding.code == "missing_for_production"]
    assert [finding.parameters["missing"] for finding in later] == ([missing] if missing else [])
    assert [finding.code for finding in found if finding not in later] == []
    assert all(finding.grade == Grade.NOTE for finding in later), "nothing that keeps the policy from approving"
    for worded in finding_words.worded(later):
        assert "%(" not in worded.reason
        assert "the " in worded.reason or "languages" in worded.reason


def test_a_native_application_may_come_back_to_the_persons_own_machine() -> None:
    assert codes(type="native", redirect_uris=("https://facile.example/cb", "http://127.0.0.1/cb")) == {}


def test_what_weighs_most_stands_first() -> None:
    found = list(codes(redirect_uris=("https://a.example/cb", "http://localhost/cb"), claims=("profile",)).values())
    assert found == sorted(found, reverse=True)
    assert len(set(found)) > 1


def shared(application: Application, *, reviewer: bool) -> list[str]:
    asked = registrations.registration()
    return [
        finding_words.worded([item])[0].reason
        for item in evidence.findings(application, asked, reviewer=reviewer)
        if item.code == "shared_redirect_uri"
    ]


def test_a_redirect_uri_of_another_developer_is_told_without_whose_it_is(approved: Approved) -> None:
    approved(name="Prima Agenda")
    dora = people.person("Dora", "Developer", developer_since=1)
    application = registrations.draft(dora)
    (to_developer,) = shared(application, reviewer=False)
    (to_reviewer,) = shared(application, reviewer=True)
    assert "Prima Agenda" not in to_developer
    assert "Prima Agenda" in to_reviewer


def test_drafts_and_retired_applications_of_others_own_nothing(approved: Approved, davide: User) -> None:
    services.retire(approved(name="Retired"), Origin(davide))
    registrations.draft(davide, name="Only a draft")
    dora = people.person("Dora", "Developer", developer_since=1)
    assert shared(registrations.draft(dora), reviewer=True) == []


def test_a_host_of_the_same_developers_other_environment_is_found(approved: Approved, davide: User) -> None:
    approved(name="Prima Agenda")
    application = registrations.draft(
        davide, name="Prova", environment="staging", redirect_uris=("https://app.facile.example/x",)
    )
    found = evidence.findings(
        application,
        registrations.registration(environment="staging", redirect_uris=("https://app.facile.example/x",)),
        reviewer=False,
    )
    assert "host_of_other_environment" in {finding.code for finding in found}


def test_percent_signs_and_underscores_in_a_redirect_uri_match_themselves_only(approved: Approved) -> None:
    approved(name="Prima Agenda", redirect_uris=("https://x.facile.example/a1b",))
    dora = people.person("Dora", "Developer", developer_since=1)
    asked = registrations.registration(redirect_uris=("https://x.facile.example/a_b", "https://x.facile.example/%25"))
    found = evidence.findings(registrations.draft(dora), asked, reviewer=True)
    assert "shared_redirect_uri" not in {finding.code for finding in found}


def test_decisions_on_the_same_developer_and_on_the_same_host_are_shown(
    approved: Approved, davide: User, olga: User
) -> None:
    same_developer = approved(name="Other product", redirect_uris=("https://other.example/cb",))
    dora = people.person("Dora", "Developer", developer_since=1)
    same_host = registrations.approved(dora, olga, name="Same host", redirect_uris=("https://app.facile.example/x",))
    registrations.approved(dora, olga, name="Neither", redirect_uris=("https://xapp.facile.example/x",))
    now = registrations.submitted(davide, name="Now")
    earlier = evidence.connected(now, evidence.decisions(evidence.related(now).decided))
    assert [(item.revision.application_id, item.same_developer, item.same_hosts) for item in earlier] == [
        (same_host.pk, False, ("app.facile.example",)),
        (same_developer.pk, True, ()),
    ]


def test_the_evidence_costs_the_same_few_queries_however_many_neighbours_there_are(
    approved: Approved, davide: User
) -> None:
    application = registrations.draft(davide, name="Now")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            evidence.findings(
                Application.objects.select_related("owner", "live_revision").get(pk=application.pk),
                registrations.REGISTRATION,
                reviewer=True,
            )
        return len(captured)

    approved(name="One")
    one = queries()
    for number in range(5):
        approved(name=f"More {number}")
    assert queries() == one
