"""Codes of faults and findings in words: every code has its sentence, in English and in Italian."""

import re
from enum import StrEnum

import pytest
from django.utils import translation

from varco.integrators.faults import IntegratorFault
from varco.ops import people_words as terminal_words
from varco.people.errors import PeopleFault
from varco.portal.common import fault_words, finding_words, people_words
from varco.protocol import redirect_uri
from varco.protocol.fapi import FapiFault
from varco.protocol.fault import Fault
from varco.protocol.redirect_uri import RedirectUriFault
from varco.registry.fault_codes import ConflictFault, RegistrationFault
from varco.registry.lint import Finding, FindingCode, Grade
from varco.registry.models import Application, Revision
from varco.signals.faults import StreamFault
from varco.tickets.errors import TicketConflict, TicketFault

CODES: list[StrEnum] = [
    code
    for codes in (
        RegistrationFault,
        ConflictFault,
        RedirectUriFault,
        FapiFault,
        TicketFault,
        TicketConflict,
        IntegratorFault,
        StreamFault,
    )
    for code in codes
]
# One URI for each code, by the type of application that it is refused to.
REFUSED = {
    RedirectUriFault.EMPTY: "",
    RedirectUriFault.TOO_LONG: "https://a/" + "x" * 2000,
    RedirectUriFault.NOT_ENCODED: "https://a/ b",
    RedirectUriFault.WILDCARD: "https://*.a/",
    RedirectUriFault.NOT_ABSOLUTE: "/callback",
    RedirectUriFault.FRAGMENT: "https://a/#x",
    RedirectUriFault.SCHEME_CASE: "HTTPS://a/",
    RedirectUriFault.NOT_HTTPS: "http://a/",
    RedirectUriFault.SCHEME_UNUSABLE: "javascript:x",
    RedirectUriFault.SCHEME_NATIVE_ONLY: "com.example:/x",
    RedirectUriFault.SCHEME_NO_DOMAIN: "com..example:/x",
    RedirectUriFault.USER_INFO: "https://u@a/",
    RedirectUriFault.NO_HOST: "https:///x",
    RedirectUriFault.HOST_CASE: "https://A.example/",
    RedirectUriFault.HOST_NOT_EXACT: "https://a..b/",
    RedirectUriFault.PORT: "https://a:70000/",
    RedirectUriFault.PRIVATE_USE_PATH: "com.example:",
    RedirectUriFault.PRIVATE_USE_HOST: "com.example://[x",
    RedirectUriFault.DOT_SEGMENTS: "https://a/../x",
    RedirectUriFault.BARE_QUESTION_MARK: "https://a/?",
    RedirectUriFault.RESPONSE_PARAMETER: "https://a/?state=1",
}
NATIVE = {RedirectUriFault.SCHEME_NO_DOMAIN, RedirectUriFault.PRIVATE_USE_PATH, RedirectUriFault.PRIVATE_USE_HOST}


def in_language(language: str, fault: Fault) -> str:
    with translation.override(language):
        return fault_words.sentence(fault)


def test_no_two_codes_are_equal_and_every_code_has_its_sentence() -> None:
    assert len(set(CODES)) == len(CODES)
    assert set(CODES) == set(fault_words.SENTENCES)


@pytest.mark.parametrize("code", CODES)
def test_a_fault_is_told_in_english_and_in_italian(code: StrEnum) -> None:
    english = str(fault_words.SENTENCES[code])
    values: dict[str, str | int] = {
        name: 7 if kind == "d" else "x" for name, kind in re.findall(r"%\((\w+)\)([sd])", english)
    }
    states: dict[StrEnum, str] = {
        ConflictFault.APPLICATION_STATE: Application.State.RETIRED,
        ConflictFault.REVISION_STATE: Revision.State.DRAFT,
    }
    if code in states:
        values["state"] = states[code]
    fault = Fault(code, values)
    assert "%(" not in in_language("en", fault)
    assert in_language("it", fault) != in_language("en", fault)
    assert "%(" not in in_language("it", fault)


@pytest.mark.parametrize("code", RedirectUriFault)
def test_a_refused_redirect_uri_is_explained_in_italian(code: RedirectUriFault) -> None:
    fault = redirect_uri.registration_fault(REFUSED[code], type="native" if code in NATIVE else "web")
    assert fault is not None
    assert fault.code is code
    assert "%(" not in in_language("en", fault)
    assert in_language("it", fault) != in_language("en", fault)


def test_a_state_is_told_by_its_label_and_one_value_of_several_stands_before_its_fault() -> None:
    state = Fault(ConflictFault.APPLICATION_STATE, {"state": "suspended"})
    assert in_language("en", state) == "This is not possible any more: the application is in state “Suspended”."
    key = Fault(RegistrationFault.JWK_RSA_SIZE, {"least": 2048, "most": 8192}, value="k1")
    assert in_language("en", key) == "k1: an RSA key needs 2048 to 8192 bits."
    assert (
        in_language("en", Fault(RegistrationFault.URI_REPEATED, {"uri": "https://a/%20b"}))
        == "https://a/%20b is listed twice."
    )


@pytest.mark.parametrize("code", FindingCode)
def test_a_finding_has_title_reason_and_cure_in_both_languages(code: FindingCode) -> None:
    places = re.findall(r"%\((\w+)\)s", " ".join(map(str, finding_words.WORDS[code])))
    finding = Finding(
        code, Grade.NOTE, "name", {name: ["one", "two"] for name in places if name != "name"} | {"name": ""}
    )
    shown = {}
    for language in ("en", "it"):
        with translation.override(language):
            (words,) = finding_words.worded([finding])
        assert "%(" not in words.title + words.reason + words.cure
        shown[language] = words
    assert shown["en"].title != shown["it"].title
    assert shown["en"].reason != shown["it"].reason
    assert shown["en"].cure != shown["it"].cure
    assert shown["en"].grade_label != shown["it"].grade_label


def test_both_faces_word_what_the_services_of_people_refuse() -> None:
    for sentences in (people_words.SENTENCES, terminal_words.SENTENCES):
        assert set(PeopleFault) - set(sentences) <= {PeopleFault.UNSOUND}
    for code in people_words.SENTENCES:
        fault = Fault(code, {"email": "a@b.example", "state": "closed", "limit": 3, "minutes": 3, "count": 3})
        told = {}
        for language in ("en", "it"):
            with translation.override(language):
                told[language] = people_words.sentence(fault)
        assert told["en"] != told["it"]
        assert "%(" not in told["en"] + told["it"]
    unsound = Fault(PeopleFault.UNSOUND, {"field": "name", "text": "100% wrong"})
    assert (people_words.sentence(unsound), people_words.field_of(unsound)) == ("100% wrong", "name")
