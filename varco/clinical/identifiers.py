"""What a patient is known by: fiscal codes, codes of foreigners, passports; any number of them, or none (S47). Pure."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from varco import text
from varco.clinical.fiscal_code import (
    CodeFault,
    code_fault,
    compact,
    name_letters,
    provisional_fault,
    said,
    surname_letters,
)

Kind = Literal["fiscalCode", "provisional", "stp", "eni", "passport", "other"]
FISCAL = ("fiscalCode", "provisional")
"""Kinds that `fiscalCode` of a patient is a shorthand for, the first of which counts more."""

OF_ONE_PATIENT = ("fiscalCode", "provisional", "stp", "eni")
"""Kinds that only one patient can have, with their issuer."""

MOST = 20
_FOREIGN = re.compile(r"[0-9]{13}")


class Identifier(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Something that a patient is known by."""

    kind: Annotated[Kind, Meta(extra_json_schema={"type": "string"})]
    value: Annotated[
        str, Meta(min_length=1, max_length=60, description="In capitals and without blanks where it is a code.")
    ]
    issuer: Annotated[
        str,
        Meta(
            max_length=80,
            description="Who issued it: the health authority of an stp or eni code, for which it must be told; the country of a passport.",
        ),
    ] = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    current: Annotated[bool, Meta(description="Whether it is in use; of each kind one at most is.")] = True


class Name(NamedTuple):
    """Whose identifiers they are, as far as a fiscal code speaks of it; `birth_place` is a cadastral code or empty."""

    first_name: str
    last_name: str
    birth_date: dt.date | None
    sex: str
    birth_place: str


class Fault(NamedTuple):
    """What is wrong with one of the identifiers, or does not fit the patient: where, what, and in which words."""

    field: str
    found: CodeFault


def tidy(identifier: Identifier) -> Identifier:
    """The identifier as it is kept."""
    value = identifier.value.strip()
    return msgspec.structs.replace(
        identifier,
        value=value if identifier.kind == "other" else compact(value),
        issuer=" ".join(identifier.issuer.split()),
    )


def kind_of_code(code: str) -> Kind:
    """Of which kind a compact fiscal code is."""
    return "provisional" if len(code) == 11 and code.isdecimal() else "fiscalCode"


def fiscal(identifiers: Sequence[Identifier]) -> str:
    """The fiscal code that is in use, or the provisional one; empty if there is none."""
    current = {item.kind: item.value for item in identifiers if item.current}
    return next((current[kind] for kind in FISCAL if kind in current), "")


def with_fiscal_code(identifiers: Sequence[Identifier], code: str, today: dt.date) -> list[Identifier]:
    """The identifiers where the fiscal code in use is another one, or none (empty).

    It is put in the place of the one before; but a provisional one that is followed by a fiscal code stays, as what it was.
    """
    before = fiscal(identifiers)
    if code == before:
        return list(identifiers)
    kept = [item for item in identifiers if not (item.current and item.kind in FISCAL)]
    if not code:
        return kept
    now = Identifier(kind=kind_of_code(code), value=code)
    was = [
        msgspec.structs.replace(item, current=False, valid_to=item.valid_to or today)
        for item in identifiers
        if item.current and item.kind == "provisional" and now.kind == "fiscalCode"
    ]
    return [now, *was, *kept]


class Sent(NamedTuple):
    """What a program says of identifiers: None where it says nothing. `code` is the shorthand, `every` the whole list."""

    code: str | None
    every: Sequence[Identifier] | None


def combined(before: Sequence[Identifier], sent: Sent, today: dt.date) -> tuple[list[Identifier], list[Fault]]:
    """The identifiers after what was sent, and what is wrong with that. What was there and was not sent again is not judged."""
    if sent.every is None:
        now, found = list(before), []
    else:
        now = [tidy(item) for item in sent.every]
        found = faults(now)
    if sent.code is None:
        return now, found
    code = compact(sent.code)
    if code and (fault := (provisional_fault if kind_of_code(code) == "provisional" else code_fault)(code)):
        return now, [Fault("fiscalCode", fault), *found]
    if sent.every is not None and fiscal(now) not in {"", code}:
        words = (
            "This is another code than the current one among the identifiers.",
            "È un codice diverso da quello in uso tra gli identificativi.",
        )
        return now, [Fault("fiscalCode", CodeFault("not_allowed", *words)), *found]
    return with_fiscal_code(now, code, today), found


def joined(one: Sequence[Identifier], other: Sequence[Identifier]) -> list[Identifier]:
    """The identifiers of two records of one patient: of each kind the first record's stays the one in use."""
    known = {(item.kind, item.issuer.casefold(), item.value) for item in one}
    in_use = {item.kind for item in one if item.current}
    return [
        *one,
        *(
            msgspec.structs.replace(item, current=item.current and item.kind not in in_use)
            for item in other
            if (item.kind, item.issuer.casefold(), item.value) not in known
        ),
    ]


_DECODER = msgspec.json.Decoder(list[Identifier])


def kept_text(identifiers: Sequence[Identifier]) -> str:
    """What the column holds: nothing where the fiscal code in its own column says it all, else all of them as JSON."""
    code = fiscal(identifiers)
    plain = [Identifier(kind=kind_of_code(code), value=code)] if code else []
    return "" if list(identifiers) == plain else msgspec.json.encode(list(identifiers)).decode()


def kept(text: str, code: str, today: dt.date) -> list[Identifier]:
    """The identifiers of what the columns hold; the code counts, which a version that knows no list may have changed."""
    return with_fiscal_code(_DECODER.decode(text) if text else [], code, today)


def faults(identifiers: Sequence[Identifier]) -> list[Fault]:
    """What is wrong with tidy identifiers, by `identifiers[n].field`."""
    found = []
    seen: set[tuple[str, str, str]] = set()
    in_use: set[str] = set()
    for position, item in enumerate(identifiers):
        path = f"identifiers[{position}]"
        found += [Fault(f"{path}.{field}", fault) for field, fault in _faults(item)]
        key = (item.kind, item.issuer.casefold(), item.value)
        if key in seen:
            found.append(
                Fault(path, CodeFault("already_exists", "This stands here twice.", "Questo compare due volte."))
            )
        if item.current and item.kind in in_use:
            words = (
                "Of each kind one at most is current.",
                "Di ogni tipo può essercene al massimo uno in uso.",
            )
            found.append(Fault(f"{path}.current", CodeFault("not_allowed", *words)))
        seen.add(key)
        in_use |= {item.kind} if item.current else set()
    return found


def _faults(item: Identifier) -> list[tuple[str, CodeFault]]:
    found = []
    if fault := _value_fault(item):
        found.append(("value", fault))
    if item.kind in {"stp", "eni"} and not item.issuer:
        words = ("Say which health authority issued it.", "Indica l'azienda sanitaria che l'ha rilasciato.")
        found.append(("issuer", CodeFault("required", *words)))
    elif text.one_line(item.issuer) is not None:
        found.append(("issuer", _UNSEEN))
    if item.valid_from and item.valid_to and item.valid_to < item.valid_from:
        words = ("It ends before it begins.", "Finisce prima di iniziare.")
        found.append(("validTo", CodeFault("out_of_range", *words)))
    return found


_UNSEEN = CodeFault(
    "invalid_format",
    "Write this in one line, without characters that cannot be seen.",
    "Scrivilo su una riga, senza caratteri invisibili.",
)


def _value_fault(item: Identifier) -> CodeFault | None:
    if item.kind == "fiscalCode":
        return code_fault(item.value)
    if item.kind == "provisional":
        return provisional_fault(item.value)
    if item.kind in {"stp", "eni"}:
        prefix = item.kind.upper()
        if item.value.startswith(prefix) and _FOREIGN.fullmatch(item.value[3:]):
            return None
        return CodeFault(
            "invalid_format",
            f"This code has {prefix} and 13 digits.",
            f"Questo codice è formato da {prefix} e 13 cifre.",
        )
    if not item.value:
        return CodeFault("required", "This may not be empty.", "Questo campo non può essere vuoto.")
    return _UNSEEN if text.one_line(item.value) is not None else None


def mismatches(code: str, person: Name) -> list[Fault]:
    """Where a sound fiscal code says something else than the patient's data. Never a fault: both may be right."""
    if len(code) != 16:
        return []
    told = said(code)
    found = []
    if told.surname != surname_letters(person.last_name):
        found.append(("lastName", "last name", "cognome"))
    if told.name != name_letters(person.first_name):
        found.append(("firstName", "first name", "nome"))
    birth = person.birth_date
    if birth and (told.year, told.month, told.day) != (birth.year % 100, birth.month, birth.day):
        found.append(("birthDate", "date of birth", "data di nascita"))
    if person.sex and person.sex != told.sex:
        found.append(("sex", "sex", "sesso"))
    if person.birth_place and person.birth_place != told.place:
        found.append(("birthPlace", "place of birth", "luogo di nascita"))
    return [
        Fault(
            field,
            CodeFault(
                "does_not_fit_fiscal_code",
                f"The fiscal code is of another {english}.",
                f"Il codice fiscale riporta un altro valore: {italian}.",
            ),
        )
        for field, english, italian in found
    ]
