"""The outbox: mail is a row written in the transaction of what it tells, and sent by a worker afterwards."""

import base64
from collections.abc import Sequence
from typing import ClassVar

from django.conf import settings
from django.db import models

from varco import sealing
from varco.outbox import Outgoing


class Message(Outgoing):
    """One mail to one person.

    Links in a mail open what they are for, so its words are sealed, and gone once it was sent or has nobody to go to; whom a
    mail went to, and about what, is kept. One that was given up keeps its sealed words for as long as it can be tried again.
    """

    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=250)
    sealed_text = models.TextField(db_column="text")
    sealed_html = models.TextField(db_column="html", blank=True, default="")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_try_at"], name="message_due"),
            models.Index(fields=["-created_at", "-id"], name="message_newest"),
        ]

    @property
    def text(self) -> str:
        """Its words; none once it was sent. Raises `SealError`."""
        return _opened(self.sealed_text)

    @text.setter
    def text(self, words: str) -> None:
        self.sealed_text = _sealed(words)

    @property
    def html(self) -> str:
        """The same as HTML, if there is that. Raises `SealError`."""
        return _opened(self.sealed_html)

    @html.setter
    def html(self, words: str) -> None:
        self.sealed_html = _sealed(words)

    def emptied(self) -> Sequence[str]:
        """Drop the words, unless it was given up: somebody may have it tried again."""
        if self.sent_at is None:
            return ()
        self.sealed_text = self.sealed_html = ""
        return ("sealed_text", "sealed_html")

    def sealed_parts(self) -> list[bytes]:
        """What is sealed of it."""
        return [_bytes(stored) for stored in (self.sealed_text, self.sealed_html) if stored.startswith(_MARK)]

    def put_sealed(self, parts: Sequence[bytes]) -> None:
        """Put what was sealed anew in the places of `sealed_parts`."""
        left = iter(parts)
        for column in ("sealed_text", "sealed_html"):
            if getattr(self, column).startswith(_MARK):
                setattr(self, column, _stored(next(left)))

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"


PURPOSE, _MARK = "mail", "sealed:"


def _sealed(words: str) -> str:
    if not words:
        return ""
    return _stored(sealing.seal(settings.MASTER_KEYS, PURPOSE, words.encode()))


def _stored(sealed: bytes) -> str:
    return _MARK + base64.b64encode(sealed).decode()


def _bytes(stored: str) -> bytes:
    return base64.b64decode(stored.removeprefix(_MARK))


def _opened(stored: str) -> str:
    """What `_sealed` sealed; mail of a version before that sealed none stands as it was written."""
    if not stored.startswith(_MARK):
        return stored
    return sealing.open_sealed(settings.MASTER_KEYS, PURPOSE, _bytes(stored)).decode()
