"""A catalogue that is malformed, contradicts itself or the standards, or does not fit the API, does not start."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import source
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
    "a resource without write": (', write = "patients.write" }', " }", "api.patients has no permission for write"),
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
