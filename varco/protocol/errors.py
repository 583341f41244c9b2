"""The one error of the protocol: a public half that goes to the client, a private half that goes to the trace and the log."""

import re
from enum import StrEnum

import msgspec

# RFC 6749 §5.2: error_description = *( %x20-21 / %x23-5B / %x5D-7E ), so neither quotation mark nor backslash.
_OUTSIDE = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")
_REPLACED = {'"': "'", "\\": "/", "“": "'", "”": "'", "’": "'", "–": "-", "—": "-", "…": "..."}

HELP = "/help/unsupported"
"""Path of the page that says why some things are left out on purpose, each under an anchor of its own."""

# What this server hands out carries a prefix (client secret, code, refresh token, device code); what it signs is a JWT.
_CREDENTIAL = re.compile(r"\b(?:vs|vac|vrt|vdc)\.[A-Za-z0-9._-]{16,}|\beyJ[A-Za-z0-9_-]{16,}[A-Za-z0-9._-]*")

REDACTED = "[redacted]"

PRIVATE_LIMIT = 500
"""Characters kept of `received` and `expected`: enough to see the fault, too few to fill the trace."""


class Fixer(StrEnum):
    """Who can put it right."""

    DEVELOPER = "developer"
    PERSON = "person"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    RETRY = "retry"


class EndGrant(msgspec.Struct, frozen=True):
    """An effect of a refusal: the caller ends this grant *and* still answers the error."""

    grant_id: int
    reason: str


def describable(text: str) -> str:
    """The text with every character replaced that an `error_description` may not carry (RFC 6749 §5.2)."""
    return _OUTSIDE.sub(lambda found: _REPLACED.get(found[0], "?"), text)


def shortened(text: str) -> str:
    """The text, or its beginning and its length where it is longer than the trace keeps."""
    return text if len(text) <= PRIVATE_LIMIT else f"{text[:PRIVATE_LIMIT]}… ({len(text)} characters)"


def without_credentials(text: str) -> str:
    """The text with every token, code, secret and JWT blotted out: somebody may have sent one in the wrong place."""
    return _CREDENTIAL.sub(REDACTED, text)


class OAuthError(Exception):
    """A request that is refused, and everything its answer and its trace need.

    Public: `error` (a registered code), `description` (what happened and what to do), `status` (HTTP, where the answer is
    not a redirect), `fixer`, and for what is left out on purpose `why`, the anchor on the page `HELP`. Private, for trace and
    log only: `rule` (what refused, with the section of its source), `received` and `expected`, which never hold secrets,
    codes or tokens. `effects` are carried out whatever the answer.
    """

    def __init__(
        self,
        error: str,
        description: str,
        *,
        rule: str,
        status: int = 400,
        fixer: Fixer = Fixer.DEVELOPER,
        received: str = "",
        expected: str = "",
        effects: tuple[EndGrant, ...] = (),
        why: str = "",
    ) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = describable(description)
        self.status = status
        self.fixer = fixer
        self.rule = rule
        self.received = shortened(without_credentials(received))
        self.expected = shortened(without_credentials(expected))
        self.effects = effects
        self.why = why

    def public(self, issuer: str = "") -> dict[str, str]:
        """The members of an OAuth error response (RFC 6749 §4.1.2.1, §5.2); with `issuer` also the `error_uri`, if it has one."""
        told = {"error": self.error, "error_description": self.description}
        if self.why and issuer:
            told["error_uri"] = f"{issuer}{HELP}#{self.why}"
        return told
