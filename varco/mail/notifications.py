"""Notifications: apps say what is told to whom, by kind; the face installed words it, in each reader's language.

The mail is a row in the transaction of the act, like every other (`varco.mail.services`).
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured

from varco.accounts.models import User
from varco.mail.models import Message
from varco.mail.services import enqueue


@dataclass(frozen=True)
class Notification:
    """Base of what people are told: frozen dataclasses of the apps, each a kind with a `code` of its own."""

    code: ClassVar[str]

    def __init_subclass__(cls, **arguments: Any) -> None:
        """Make the kind known. Raises `ImproperlyConfigured` where the face installed has no words for it."""
        super().__init_subclass__(**arguments)
        KINDS[cls.code] = cls
        if _composers and cls.code not in _worded:
            raise ImproperlyConfigured(f"nobody words the notification {cls.code}")


@dataclass(frozen=True, slots=True)
class Mail:
    """The words of one notification for one reader."""

    subject: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A reader without an account: an address that somebody named, and the language it is written to in."""

    email: str
    language: str
    given_name: str = ""


Reader = User | Contact
Composer = Callable[[Notification, Reader], Mail]

KINDS: dict[str, type[Notification]] = {}
_worded: set[str] = set()
_composers: list[Composer] = []


def compose_with(composer: Composer, codes: Collection[str]) -> None:
    """Install the words of the face, at start-up. Raises `ImproperlyConfigured` unless every kind has some."""
    unknown = set(codes) ^ set(KINDS)
    if unknown:
        raise ImproperlyConfigured(f"notifications without words, or words without a notification: {sorted(unknown)}")
    _worded.update(codes)
    _composers[:] = [composer]


def notify(notification: Notification, readers: Iterable[Reader], *, at: int | None = None) -> list[Message]:
    """Put one mail to each reader in the outbox, in the caller's transaction, and return them; `at`: sent no earlier (epoch seconds)."""
    (composer,) = _composers
    mails = [(reader, composer(notification, reader)) for reader in readers]
    return [enqueue(reader.email, mail.subject, mail.text, mail.language, at=at) for reader, mail in mails]
