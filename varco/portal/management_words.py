"""The words that the management API borrows from the pages (`settings.MANAGEMENT_WORDS`): faults, findings, the history."""

from collections.abc import Collection, Iterable

from varco.audit.models import Event
from varco.audit.tags import Tag
from varco.portal.common import fault_words, finding_words, registration_display
from varco.protocol.fault import Fault
from varco.registry.lint import Finding


class _Words:
    """As the pages say it."""

    timeline_tags: Collection[Tag] = registration_display.TIMELINE_TAGS

    def fault(self, fault: Fault) -> str:
        """A fault as a sentence."""
        return fault_words.sentence(fault)

    def finding(self, finding: Finding) -> tuple[str, str, str]:
        """Title, reason and cure of a finding."""
        (worded,) = finding_words.worded([finding])
        return worded.title, worded.reason, worded.cure

    def events(self, events: Iterable[Event]) -> list[tuple[str, str, str] | None]:
        """Title, actor and text of events, in their order; None for one that the timeline of the pages leaves out."""
        worded = (registration_display.timeline([event]) for event in events)
        return [(entry[0].title, entry[0].actor, entry[0].text) if entry else None for entry in worded]


WORDS = _Words()
