"""Lint of what passes for another: hosts, names and texts; and secrets where nobody should read them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.support import people, registrations
from varco import lookalike
from varco.audit.services import Origin
from varco.registry import evidence, services
from varco.registry.lint import Finding, Grade, LintInput, findings
from varco.registry.lint.names import holds_secret
from varco.registry.models import Application
from varco.registry.registration import Details, ScopeRequest

Approved = Callable[..., Application]


def found(*, details: dict[str, Any] | None = None, reviewer: bool = False, **changes: Any) -> dict[str, Finding]:
    case = LintInput(
        details=replace(registrations.DETAILS, **(details or {})),
        registration=registrations.registration(**changes).normalised(),
        reviewer=reviewer,
    )
    return {finding.code: finding for finding in findings(case)}


@pytest.mark.parametrize(
    ("host", "code", "production", "development"),
    [
        ("co.uk", "public_suffix", Grade.BLOCKER, Grade.BLOCKER),
        ("github.io", "public_suffix", Grade.BLOCKER, Grade.BLOCKER),
        ("facile.github.io", "handed_out_host", Grade.WARNING, Grade.NOTE),
        ("facile.vercel.app", "handed_out_host", Grade.WARNING, Grade.NOTE),
        ("facile.netlify.app", "handed_out_host", Grade.WARNING, Grade.NOTE),
        ("facile.web.app", "handed_out_host", Grade.WARNING, Grade.NOTE),
        ("facile.loca.lt", "handed_out_host", Grade.WARNING, Grade.NOTE),  # not among the public suffixes
        ("sites.google.com", "shared_host", Grade.BLOCKER, Grade.WARNING),
        ("oauth.pstmn.io", "shared_host", Grade.BLOCKER, Grade.WARNING),
        ("xn--pple-43d.com", "posing_host", Grade.BLOCKER, Grade.BLOCKER),  # one Cyrillic letter
        ("xn--80ak6aa92e.com", "posing_host", Grade.BLOCKER, Grade.BLOCKER),  # all Cyrillic, reads as "apple"
        ("xn--mnchen-3ya.de", "punycode_host", Grade.NOTE, Grade.NOTE),
    ],
)
def test_a_host_that_is_not_somebodys_own_is_found(host: str, code: str, production: Grade, development: Grade) -> None:
    uris = (f"https://{host}/cb",)
    assert found(redirect_uris=uris)[code].grade == production
    assert found(redirect_uris=uris, environment="development")[code].grade == development


@pytest.mark.parametrize("host", ["facile.it", "app.facile.co.uk", "www.comune.milano.it", "xn--80aswg.xn--p1ai"])
def test_an_ordinary_host_is_left_alone(host: str) -> None:
    codes = set(found(redirect_uris=(f"https://{host}/cb",)))
    assert not codes & {"public_suffix", "handed_out_host", "shared_host", "posing_host", "several_sites"}


def test_a_daemon_with_redirect_uris_is_found_at_each_field() -> None:
    changes: dict[str, Any] = {"type": "device", "grant_types": ("urn:ietf:params:oauth:grant-type:device_code",)}
    case = LintInput(
        details=registrations.DETAILS,
        registration=registrations.registration(
            **changes, redirect_uris=("https://a.example/cb",), post_logout_redirect_uris=("https://a.example/out",)
        ),
    )
    told = [(item.field, item.grade) for item in findings(case) if item.code == "redirects_of_daemon"]
    assert told == [("redirect_uris", Grade.BLOCKER), ("post_logout_redirect_uris", Grade.WARNING)]
    assert "redirects_of_daemon" not in found(**changes, redirect_uris=())


@pytest.mark.parametrize(
    ("kind", "scopes", "told"),
    [
        ("spa", ("openid", "offline_access"), ["offline_access"]),
        ("native", ("openid", "varco.applications"), ["varco.applications"]),
        ("device", ("openid", "email"), ["email"]),
        ("web", ("openid", "email", "offline_access", "varco.applications"), None),
    ],
)
def test_scopes_that_the_kind_hardly_needs_are_found(
    kind: str, scopes: tuple[str, ...], told: list[str] | None
) -> None:
    finding = found(type=kind, scopes=scopes).get("unusual_scopes")
    assert (finding.parameters["scopes"] if finding else None) == told


@pytest.mark.parametrize("name", ["G1poNext Agenda", "GipоNext Agenda", "Gípo Next", "G I P O N E X T"])
def test_the_vendors_name_is_found_however_it_is_spelled(name: str) -> None:
    assert found(details={"name": name})["vendor_name"].grade == Grade.BLOCKER


@pytest.mark.parametrize(
    ("details", "code", "field"),
    [
        ({"name": "Agеnda"}, "mixed_scripts", "name"),
        ({"publisher": "Fаcile Srl"}, "mixed_scripts", "publisher"),
        ({"name": "Agenda \u202efdp"}, "direction_marks", "name"),
        ({"description": "Books \u2066appointments"}, "direction_marks", "description"),
    ],
)
def test_a_text_that_reads_as_another_is_found(details: dict[str, Any], code: str, field: str) -> None:
    finding = found(details=details)[code]
    assert (finding.field, finding.grade) == (field, Grade.BLOCKER)


@pytest.mark.parametrize("name", ["Agenda Façile", "Агенда", "予約アプリ Pro", "Ημερολόγιο", "100 µg", "Perché no?"])
def test_names_in_one_script_are_left_alone(name: str) -> None:
    assert not lookalike.mixed_scripts(name)


@pytest.mark.parametrize(
    "text",
    [
        "varco-secret.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.00000000",
        "-----BEGIN RSA PRIVATE KEY-----",
        "Use eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl to try it.",
        "key AKIAABCDEFGHIJKLMNOP here",
        "its secret is 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "k=Zm9v8sK2xQ1pL7wR4tY6uI3oP5aS0dF9gH",
    ],
)
def test_a_secret_in_a_text_is_found_and_never_repeated(text: str) -> None:
    places: tuple[dict[str, Any], ...] = (
        {"details": {"description": text}},
        {"scopes": (ScopeRequest("openid", text),)},
    )
    for place in places:
        finding = found(**place)["secret_in_text"]
        assert finding.grade == Grade.BLOCKER
        assert not finding.parameters
        assert finding.field in {"description", "reason:openid"}


@pytest.mark.parametrize(
    "text",
    [
        "Books appointments for doctors, dentists and physiotherapists of one or several medical centres.",
        "https://facile.example/2024/12/una-pagina-molto-lunga-sulla-agenda-dello-studio-medico",
        "Tenant 123e4567-e89b-12d3-a456-426614174000 uses it.",
        "Precipitevolissimevolmente-supercalifragilistichespiralidoso",
        "RFC 7519, RFC 9700, ISO 27001:2022, 00123456789012345678901234567890123",
    ],
)
def test_ordinary_texts_hold_no_secret(text: str) -> None:
    assert not holds_secret(text)


def named(name: str, by: str = "Dora") -> list[Finding]:
    dora = people.person(by, "Developer", developer_since=1)
    application = registrations.draft(dora, name=name, redirect_uris=("https://dora.example/cb",))
    asked = registrations.registration(redirect_uris=("https://dora.example/cb",))
    return [item for item in evidence.findings(application, asked, reviewer=False) if item.code.startswith("name_")]


@pytest.mark.parametrize(
    ("name", "code", "grade"),
    [
        ("agenda facile", "name_taken", Grade.WARNING),
        ("Agènda-Facile", "name_looks_alike", Grade.WARNING),
        ("Agenda Faci1e", "name_looks_alike", Grade.BLOCKER),
        ("Аgenda Facile", "name_looks_alike", Grade.BLOCKER),  # its first letter is Cyrillic
    ],
)
def test_a_name_like_that_of_another_developers_application_is_found(
    approved: Approved, name: str, code: str, grade: Grade
) -> None:
    approved(name="Agenda Facile")
    assert [(item.code, item.grade) for item in named(name)] == [(code, grade)]


def test_a_renamed_application_is_found_by_its_new_name(approved: Approved) -> None:
    application = approved(name="Agenda Facile")
    renamed = replace(Details.of(application), name="Calendario")
    services.edit_details(application, renamed, Origin(application.owner))
    assert named("Agenda Faci1e") == []
    assert [item.code for item in named("CaIendario", by="Dino")] == ["name_looks_alike"]


def test_a_host_of_another_developers_application_is_found_without_whose(approved: Approved) -> None:
    approved(name="Agenda Facile", redirect_uris=("https://app.facile.example/callback",))
    dora = people.person("Dora", "Developer", developer_since=1)
    asked = registrations.registration(redirect_uris=("https://app.facile.example/other",))
    application = registrations.draft(dora, name="Altro", redirect_uris=asked.redirect_uris)
    for reviewer, name in ((False, ""), (True, "Agenda Facile")):
        told = [
            item for item in evidence.findings(application, asked, reviewer=reviewer) if item.code == "host_of_others"
        ]
        assert [(item.grade, item.parameters) for item in told] == [
            (Grade.WARNING, {"host": "app.facile.example", "name": name})
        ]
    # Nor is one's own application somebody else's, before it is saved.
    mine = evidence.findings_of_new(application.owner, registrations.DETAILS, asked)
    assert "host_of_others" in {item.code for item in mine}
