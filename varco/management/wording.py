"""Words of the management API: those of the pages, which `settings.MANAGEMENT_WORDS` names, in English."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Protocol, cast

from django.conf import settings
from django.utils import translation
from django.utils.module_loading import import_string

from varco.audit.models import Event
from varco.audit.tags import Tag
from varco.protocol.fault import Fault
from varco.registry.lint import Finding


class Words(Protocol):
    """What the face installed says, in the language that is active."""

    timeline_tags: Collection[Tag]

    def fault(self, fault: Fault) -> str:
        """A fault as a sentence."""

    def finding(self, finding: Finding) -> tuple[str, str, str]:
        """Title, reason and cure of a finding."""

    def events(self, events: Iterable[Event]) -> list[tuple[str, str, str] | None]:
        """Title, actor and text of events, in their order; None for one that has no words."""


@lru_cache(maxsize=1)
def words() -> Words:
    """The words of the face installed."""
    return cast("Words", import_string(settings.MANAGEMENT_WORDS))


@contextmanager
def in_english() -> Iterator[None]:
    """Whatever is worded here is for a program's developer, in the language of the documentation."""
    with translation.override("en"):
        yield
