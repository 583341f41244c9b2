"""Rules about what people read: names that pass for another, and texts that hold what nobody should read."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from django.conf import settings

from varco import lookalike
from varco.protocol.credentials import CLIENT_SECRET
from varco.registry.lint.model import Finding, FindingCode, Grade, LintInput

_KNOWN_SECRETS = re.compile(
    re.escape(CLIENT_SECRET) + r"[A-Za-z0-9_-]{8}"
    r"|-----BEGIN [A-Z0-9 ]*PRIVATE KEY"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"  # a JWT (RFC 7519)
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[oprsu]_[A-Za-z0-9]{36}|\bglpat-[\w-]{20}|\bsk_live_\w{16}|\bAIza[\w-]{35}|\bxox[abprs]-[\w-]{10}"
)
_LONG_WORD = re.compile(r"[A-Za-z0-9+/_=-]{32,}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LEAST_TURNS = 0.2
"""Of the pairs of neighbours in a long word: words and dates turn from letters to digits or capitals less often, random text more."""


def _borrowed_name(case: LintInput) -> Iterator[Finding]:
    vendor = settings.VARCO.vendor
    if lookalike.key(vendor) in lookalike.key(f"{case.details.name} {case.details.publisher}"):
        yield Finding(FindingCode.VENDOR_NAME, Grade.BLOCKER, "name", {"vendor": vendor})
    name = case.details.name
    for other in case.neighbours:
        if other.own or not lookalike.key(name) or lookalike.key(other.name) != lookalike.key(name):
            continue
        shown = {"other": other.name}
        if other.name.casefold() == name.casefold():
            yield Finding(FindingCode.NAME_TAKEN, Grade.WARNING, "name")
        elif lookalike.spelled(other.name) == lookalike.spelled(name):
            yield Finding(FindingCode.NAME_LOOKS_ALIKE, Grade.WARNING, "name", shown)
        else:  # signs chosen because they look the same
            yield Finding(FindingCode.NAME_LOOKS_ALIKE, Grade.BLOCKER, "name", shown)


def _scripts(case: LintInput) -> Iterator[Finding]:
    for field in ("name", "publisher"):
        word = lookalike.mixed_scripts(getattr(case.details, field))
        if word:
            yield Finding(FindingCode.MIXED_SCRIPTS, Grade.BLOCKER, field, {"word": word})


def _direction(case: LintInput) -> Iterator[Finding]:
    for field, text in case.texts:
        if lookalike.DIRECTION_MARKS.search(text):
            yield Finding(FindingCode.DIRECTION_MARKS, Grade.BLOCKER, field)


def _secrets(case: LintInput) -> Iterator[Finding]:
    for field, text in case.texts:
        if holds_secret(text):
            yield Finding(FindingCode.SECRET_IN_TEXT, Grade.BLOCKER, field)


def holds_secret(text: str) -> bool:
    """Whether a text holds what looks like a secret or a private key. Never says which part of it."""
    if _KNOWN_SECRETS.search(text):
        return True
    return any(_looks_random(word) for word in _LONG_WORD.findall(_UUID.sub(" ", text)))


def _looks_random(word: str) -> bool:
    kinds = [_kind(sign) for sign in word if sign.isalnum()]
    if kinds.count("digit") < 3 or len(kinds) - kinds.count("digit") < 3:
        return False
    turns = sum(before != after for before, after in pairwise(kinds))
    return turns >= _LEAST_TURNS * len(kinds)


def _kind(sign: str) -> str:
    if sign.isdigit():
        return "digit"
    return "upper" if sign.isupper() else "lower"


RULES: tuple[Callable[[LintInput], Iterator[Finding]], ...] = (_borrowed_name, _scripts, _direction, _secrets)
