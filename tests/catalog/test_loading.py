"""A catalogue that is malformed, contradicts itself or the standards, or does not fit the API, does not start."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import source
from tests.support.deprecations import AGENDAS, USERINFO, catalogue, change, deprecation
from varco import catalog
from varco.catalog.loading import BUILT_IN
from varco.gate.api.operations import served
from varco.gate.api.resources import OPERATIONS

SECOND_VENDOR = Path(__file__).with_name("second_vendor.toml")

# What is wrong, what is replaced in the built-in catalogue and by what, and a part of what is said about it.
CONTRADICTIONS = {
    "no TOML": ("[[scopes]]", "[[scopes", "Expected"),
    "an unknown member": ('risk = "low"', 'risk = "low"\ncolour = "red"', "colour"),
    "an unknown risk": ('risk = "low"', 'risk = "none"', "risk"),
    "a language left out": ('label = { en = "Sign you in", it = "Farti accedere" }', 'label = { en = "Sign you in" }', "it"),
    "no openid": ('name = "openid"', 'name = "signin"', "the scope openid is missing"),
    "a scope that can carry an unknown permission": ('["treatments.read"]', '["treatments.see"]', "treatments.see"),
    "a scope with the claims of another": ('claims = ["email"]', 'claims = ["tenant"]', "scope email cannot carry"),
    "claims that nobody can tell": ('"email", "email_verified"', '"email", "shoe_size"', "the claims email"),
    "nobody who manages": ("manages_clinic = true", "", "manages_clinic"),
    "a resource of an unknown scope": ('[api.agendas]\nscope = "giponext.agenda"', '[api.agendas]\nscope = "x"', "scope x"),
    "a scope for reading that does not exist": ('read_scope = "giponext.agenda.read"', 'read_scope = "giponext.agenda.see"', "unknown read_scope giponext.agenda.see"),
    "a scope for reading that writes": ('read_scope = "giponext.patients.read"', 'read_scope = "giponext.patients"', "carries its permission for that and no other"),
    "a permission that the scope does not carry": ('read = "agenda.read" }', 'read = "invoices.read" }', "invoices.read"),
}  # fmt: skip
MISFITS = {
    "a resource that does not exist": ("[api.agendas]", "[api.agenda]", "no resource of the API: agenda"),
    "a resource without write": (', write = "patients.write",', ",", "api.patients has no permission for write"),
}


def changed(tmp_path: Path, old: str, new: str) -> str:
    text = BUILT_IN.read_text("utf-8")
    assert old in text
    path = tmp_path / "catalogue.toml"
    path.write_text(text.replace(old, new), "utf-8")
    return str(path)


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    yield
    catalog.load.cache_clear()


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_a_catalogue_that_contradicts_itself_is_refused_by_name(what: str, tmp_path: Path) -> None:
    old, new, said = CONTRADICTIONS[what]
    with pytest.raises(catalog.CatalogError, match=re.escape(said)) as caught:
        catalog.load(changed(tmp_path, old, new))
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("what", MISFITS)
def test_a_catalogue_that_does_not_fit_the_api_is_refused(what: str, tmp_path: Path) -> None:
    old, new, said = MISFITS[what]
    found = catalog.load(changed(tmp_path, old, new))
    with pytest.raises(catalog.CatalogError, match=re.escape(said)):
        served(OPERATIONS, found)


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(catalog.CatalogError, match="nowhere"):
        catalog.load("/nowhere.toml")


def test_a_resource_that_is_left_out_is_not_served() -> None:
    found = served(OPERATIONS, catalog.load(str(SECOND_VENDOR)))
    assert {item.resource for item in found} == {"", "patients"}
    assert {(item.scope, item.permission) for item in found if item.resource} == {
        ("chiara.register", "register.see"),
        ("chiara.register", "register.keep"),
    }


def test_the_built_in_catalogue_has_every_resource() -> None:
    assert len(served(OPERATIONS, catalog.load(""))) == len(OPERATIONS)


def test_only_what_is_handed_its_settings_reads_a_catalogue_by_path() -> None:
    """Whoever reads one by path may read another one than the process is configured with."""
    callers = {source.name(path) for path in source.python("varco") for _ in source.calls(path, "load_catalog")}
    callers |= {
        source.name(path)
        for path in source.python("varco", "bench")
        if re.search(r"\bcatalog\.load\(|from varco\.catalog(\.loading)? import .*\bload\b", path.read_text("utf-8"))
    }
    assert callers == {
        "varco/catalog/__init__.py",
        "varco/gate/context.py",
        "varco/ops/cli.py",
        "varco/ops/doctor/__init__.py",
    }


def test_the_vendor_s_names_stand_in_its_catalogue_alone() -> None:
    """What a scope, a permission or a role is called is the vendor's; the demo and the tour are of one vendor."""
    built_in = catalog.load("")
    data = [name for name, scope in built_in.scopes.items() if scope.kind == "data"]
    words = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in (*data, *built_in.permissions)))
    outside = [path for path in source.python("varco") if not {"demo", "tour"} & set(path.parts)]
    assert [source.name(path) for path in outside if words.search(path.read_text("utf-8"))] == []


def test_the_languages_of_the_catalogue_are_those_of_the_pages(settings: Any) -> None:
    assert catalog.LANGUAGES == catalog.Words.__struct_fields__ == tuple(code for code, _name in settings.LANGUAGES)


DEPRECATIONS = {
    "a change that does not exist": (deprecation(AGENDAS), "needs a change of kind deprecated"),
    "a change of another kind": (
        change(AGENDAS, kind="changed") + deprecation(AGENDAS),
        "needs a change of kind deprecated",
    ),
    "a change that names another operation": (change(USERINFO) + deprecation(AGENDAS), "that names it, not"),
    "an end before the beginning": (change(AGENDAS) + deprecation(AGENDAS, sunset="2026-11-30"), "RFC 9745"),
    "an operation deprecated twice": (change(AGENDAS) + deprecation(AGENDAS) * 2, "deprecated twice"),
    "two changes of one id": (change(AGENDAS) * 2, "two changes have the id"),
    "an id of the product's own": (change(AGENDAS, id="version-2"), "two changes have the id version-2"),
    "what is no operation": (change("agendas"), "operations"),
    "an id that is no anchor": (change(AGENDAS, id="A change"), "id"),
}


@pytest.mark.parametrize("what", DEPRECATIONS)
def test_a_deprecation_that_leads_nowhere_is_refused(what: str, tmp_path: Path) -> None:
    added, said = DEPRECATIONS[what]
    path = tmp_path / "catalogue.toml"
    path.write_text(BUILT_IN.read_text("utf-8") + added, "utf-8")
    with pytest.raises(catalog.CatalogError, match=re.escape(said)):
        catalog.load(str(path))


def test_what_is_not_served_cannot_be_deprecated(tmp_path: Path) -> None:
    unknown = "GET /v2/tenants/{tenantId}/rooms"
    with pytest.raises(catalog.CatalogError, match="no operation of the API"):
        served(OPERATIONS, catalog.load(catalogue(tmp_path, unknown)))


def test_the_changelog_names_operations_that_are_served_or_were_removed() -> None:
    found = catalog.load("")
    there = {item.title for item in served(OPERATIONS, found)}
    removed = {name for change in found.changes.values() if change.kind == "removed" for name in change.operations}
    named = {name for change in found.changes.values() for name in change.operations}
    assert named <= there | removed
    assert there <= named
    dates = [change.date for change in found.changes.values()]
    assert dates == sorted(dates, reverse=True)
