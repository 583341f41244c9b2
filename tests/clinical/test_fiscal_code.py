"""Fiscal codes: every spelling of a right one passes, and one mistyped character never does."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varco.clinical import identifiers
from varco.clinical.fiscal_code import check_letter, code_fault, compact, provisional_fault, said, variants
from varco.clinical.identifiers import Identifier, Name
from varco.clinical.seed.patients import Person, invented

CODES = [person.fiscal_code for person in invented("codes", 60)]
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@given(code=st.sampled_from(CODES))
@settings(max_examples=5)
def test_all_127_variants_of_a_code_pass_and_say_the_same(code: str) -> None:
    found = list(variants(code))
    assert len(set(found)) == 128
    assert found[0] == code
    assert {code_fault(variant) for variant in found} == {None}
    assert len({said(variant) for variant in found}) == 1
    assert list(variants(found[-1])) == found


@given(code=st.sampled_from(CODES), place=st.integers(0, 15), sign=st.sampled_from(SIGNS))
def test_one_mistyped_character_is_found(code: str, place: int, sign: str) -> None:
    other = code[:place] + sign + code[place + 1 :]
    fault = code_fault(other)
    assert (fault is None) == (other == code)
    if fault and fault.code == "wrong_check":
        assert f"must be {check_letter(other[:15])} " in fault.message


@pytest.mark.parametrize("place", [6, 7, 9, 10, 12, 13, 14])
def test_letters_stand_for_digits_where_they_may_and_only_those(place: int) -> None:
    body = "RSSMRA80A01H501"
    for letter in "AEIOWXYZ":
        other = body[:place] + letter + body[place + 1 :]
        fault = code_fault(other + check_letter(other))
        assert fault
        assert fault.code == "invalid_format"


def test_a_day_that_is_in_one_century_alone_may_be_meant() -> None:
    for body, sound in (("RSSMRA00B29H501", True), ("RSSMRA01B29H501", False), ("RSSMRA80A72H501", False)):
        assert (code_fault(body + check_letter(body)) is None) == sound


@given(digits=st.from_regex(r"\A[0-9]{10}\Z"))
def test_a_provisional_code_has_one_right_last_digit(digits: str) -> None:
    right = [last for last in "0123456789" if provisional_fault(digits + last) is None]
    assert len(right) == 1
    fault = provisional_fault(digits + str((int(right[0]) + 1) % 10))
    assert fault
    assert f"must be {right[0]} " in fault.message


@given(code=st.sampled_from(CODES), blanks=st.lists(st.integers(0, 16), max_size=4))
def test_blanks_and_case_do_not_matter(code: str, blanks: list[int]) -> None:
    typed = code.lower()
    for place in blanks:
        typed = f"{typed[:place]} \u00a0{typed[place:]}"
    assert compact(typed) == code


@pytest.mark.parametrize("person", list(invented("fit", 12)), ids=lambda person: person.fiscal_code)
def test_a_person_fits_their_own_code_in_every_spelling(person: Person) -> None:
    code = person.fiscal_code
    whole = Name(person.first_name, person.last_name, person.birth_date, person.sex, code[11:15])
    assert [identifiers.mismatches(variant, whole) for variant in (code, list(variants(code))[-1])] == [[], []]
    assert [fault.field for fault in identifiers.mismatches(code, whole._replace(birth_place="Z999"))] == ["birthPlace"]


def test_what_is_kept_is_what_comes_back() -> None:
    code = CODES[0]
    plain = [Identifier(kind="fiscalCode", value=code)]
    assert identifiers.kept_text(plain) == identifiers.kept_text([]) == ""
    more = [*plain, Identifier(kind="passport", value="YB1")]
    for every in (plain, more, []):
        text = identifiers.kept_text(every)
        assert identifiers.kept(text, identifiers.fiscal(every), dt.date.min) == every
