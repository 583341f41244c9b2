"""Scopes (RFC 6749 §3.3): names separated by spaces in a request, a token or a row, and their set in between."""

import re
from collections.abc import Container
from functools import lru_cache

OPENID = "openid"
"""Asks for an ID token (OpenID Connect Core §3.1.2.1)."""

OFFLINE_ACCESS = "offline_access"
"""Asks for a refresh token (OpenID Connect Core §11)."""

_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


class Scopes(tuple[str, ...]):
    """Names of scopes in their order, each once; its text is what goes over the wire."""

    __slots__ = ()

    def __str__(self) -> str:
        return " ".join(self)

    def within(self, allowed: Container[str]) -> "Scopes":
        """Those that are also among `allowed`."""
        kept = [name for name in self if name in allowed]
        return self if len(kept) == len(self) else Scopes(kept)

    def without(self, names: Container[str]) -> "Scopes":
        """Those that are not among `names`."""
        return Scopes([name for name in self if name not in names])


def parse(text: str) -> Scopes:
    """The scopes of a text."""
    return Scopes(dict.fromkeys(name for name in text.split(" ") if name))


stored = lru_cache(maxsize=2048)(parse)
"""The same for a text that this server wrote, into a row or a token: they are few and come again and again.

Not for what a request says: whoever asks could fill the memory with long texts.
"""


def is_well_formed(scopes: Scopes) -> bool:
    """Whether every name is a scope-token (RFC 6749 §3.3)."""
    return all(_TOKEN.fullmatch(name) for name in scopes)
