"""Finding tickets by words: each word of a search begins one of a ticket's words, which an index knows; short ones are one."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet

from varco.clinical.names import LAST_CHARACTER, plain_words
from varco.tickets.models import Ticket, TicketWord

MOST = 200
"""Words kept of one ticket: those of its facts come first, then those of its thread."""
SEARCHED = 5
"""Words one search looks for; further ones are left out of account."""
SHORTEST = 3
"""Characters from which on a word is a beginning of others; what is shorter begins half of all words, and stands for itself."""
COMMON = 2000
"""Words in as many places are looked for ticket by ticket in the order of the list, which ends with the page; rarer ones first of all."""
_LONGEST = 40


def words_of(*texts: object) -> list[str]:
    """The different words of some texts, in their order, as they are kept."""
    return list(dict.fromkeys(word[:_LONGEST] for text in texts for word in plain_words(str(text))))


def add(ticket: Ticket, *texts: object) -> None:
    """Let a ticket be found by the words of these texts too."""
    known = set(TicketWord.objects.filter(ticket=ticket).values_list("word", flat=True))
    new = [word for word in words_of(*texts) if word not in known][: max(0, MOST - len(known))]
    TicketWord.objects.bulk_create(TicketWord(ticket=ticket, word=word) for word in new)


def found_by(tickets: QuerySet[Ticket], text: str) -> QuerySet[Ticket]:
    """Those of the tickets that every word of a search finds; of signs that are no word, none."""
    if not text.strip():
        return tickets
    searched = words_of(text)[:SEARCHED]
    if not searched:
        return tickets.none()
    counted = sorted((_begun_by(word)[:COMMON].count(), word) for word in searched)
    for position, (number, word) in enumerate(counted):
        rows = _begun_by(word)
        if number < COMMON or (position == 0 and len(counted) > 1):
            tickets = tickets.filter(pk__in=rows.values("ticket"))
        else:
            tickets = tickets.filter(Exists(rows.filter(ticket=OuterRef("pk"))))
    return tickets


def _begun_by(word: str) -> QuerySet[TicketWord]:
    if len(word) < SHORTEST:
        return TicketWord.objects.filter(word=word)
    return TicketWord.objects.filter(word__gte=word, word__lt=word + LAST_CHARACTER)


def texts_of(details: Iterable[object]) -> list[str]:
    """The texts among the values of a form."""
    return [str(value) for value in details if not isinstance(value, bool)]
