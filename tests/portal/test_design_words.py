"""Every text has its Italian, and the compiled catalogue is the one of the lists."""

import gettext
import re
import runpy
from pathlib import Path

import pytest
from django.test import Client

from tests.support import translations

pytestmark = pytest.mark.either_engine

LOCALE = translations.VARCO / "portal" / "locale"
BUILD = runpy.run_path(str(LOCALE / "build.py"))
PLACE = re.compile(r"%\((\w+)\)[sd]")


def test_every_text_has_its_italian() -> None:
    known = {entry.msgid for entry in BUILD["merged"]()}
    missing = [f"{file}: {text!r}" for text, file in translations.texts().items() if text not in known]
    assert not missing, "Add to varco/portal/locale/it/areas, then run build.py:\n" + "\n".join(sorted(missing))


def test_no_list_translates_what_no_page_says() -> None:
    used = set(translations.texts())
    # Our Italian for texts of the libraries stands in a list of its own.
    used |= {entry.msgid for entry in BUILD["entries"](LOCALE / "it" / "areas" / "libraries.po")}
    assert [entry.msgid for entry in BUILD["merged"]() if entry.msgid not in used] == []


def test_the_compiled_catalogue_is_current() -> None:
    catalogue = BUILD["merged"]()
    folder = LOCALE / "it" / "LC_MESSAGES"
    stale = "run: python varco/portal/locale/build.py"
    assert (folder / "django.po").read_text("utf-8") == BUILD["po"](catalogue), stale
    assert (folder / "django.mo").read_bytes() == catalogue.to_binary(), stale


def test_gettext_reads_the_compiled_catalogue() -> None:
    with (LOCALE / "it" / "LC_MESSAGES" / "django.mo").open("rb") as file:
        read = gettext.GNUTranslations(file)
    assert read.gettext("Sign in") == "Accedi"
    assert read.ngettext("%(n)d day", "%(n)d days", 1) == "%(n)d giorno"
    assert read.ngettext("%(n)d day", "%(n)d days", 5) == "%(n)d giorni"


def test_translations_keep_the_places_of_the_original() -> None:
    for entry in BUILD["merged"]():
        expected = set(PLACE.findall(entry.msgid)) | set(PLACE.findall(entry.msgid_plural))
        texts = BUILD["italian"](entry)
        for italian in texts:
            assert set(PLACE.findall(italian)) <= expected, entry.msgid
        assert expected <= set().union(*(PLACE.findall(text) for text in texts)), entry.msgid


STIFF = re.compile(
    r"\b(esame|esami|revision[ei]|depositat\w+|porvi|(con|a) essa|spegn\w+|codice di autorizzazione)\b", re.IGNORECASE
)
"""Words that sound of school or of an office; it is *verifica*, *versione*, *inviate in anticipo*, *revocarlo*, *disattivare*."""


def test_the_italian_has_none_of_the_words_that_were_found_stiff() -> None:
    found = [text for entry in BUILD["merged"]() for text in BUILD["italian"](entry) if STIFF.search(text)]
    assert found == []


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ('msgid "Sign in"\nmsgstr "Entra"\n', "is ('Entra',), elsewhere"),
        ('msgid "Sign in"\nmsgstr ""\n', "has no Italian"),
        ('msgid "Sign in\nmsgstr "Accedi"\n', "two.po:1"),
    ],
)
def test_a_list_at_fault_is_named(tmp_path: Path, written: str, fault: str) -> None:
    (tmp_path / "one.po").write_text('msgid "Sign in"\nmsgstr "Accedi"\n', "utf-8")
    (tmp_path / "two.po").write_text(written, "utf-8")
    build = runpy.run_path(str(LOCALE / "build.py"))
    build["merged"].__globals__["AREAS"] = tmp_path
    with pytest.raises(ValueError, match=re.escape(fault)):
        build["merged"]()


def test_a_signed_out_browser_is_answered_in_its_language(browser: Client) -> None:
    page = browser.get("/account/login/", headers={"accept-language": "it-IT,it;q=0.9"})
    assert '<html lang="it">' in page.content.decode()
    assert "Hai dimenticato la password?" in page.content.decode()


def test_the_language_switch_stays_on_the_page_and_is_remembered(browser: Client) -> None:
    answer = browser.post("/language/", {"language": "it", "next": "/account/login/?next=/account/"})
    assert (answer.status_code, answer["Location"]) == (303, "/account/login/?next=/account/")
    assert '<html lang="it">' in browser.get("/account/login/").content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", ""])
def test_the_language_switch_leads_nowhere_else(browser: Client, elsewhere: str) -> None:
    assert browser.post("/language/", {"language": "it", "next": elsewhere})["Location"] == "/"


def test_an_unknown_language_changes_nothing(browser: Client) -> None:
    assert "varco_language" not in browser.post("/language/", {"language": "../../etc"}).cookies
