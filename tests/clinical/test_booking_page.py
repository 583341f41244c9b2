"""What the page on booking publishes is what the rules are."""

import re

from tests.support import source
from varco.clinical.agenda.availability import RULES
from varco.clinical.agenda.states import TRANSITIONS

PAGE = (source.ROOT / "docs" / "booking.md").read_text("utf-8")


def rows(head: str) -> dict[str, list[str]]:
    """The codes of the second column of a table, by those of the first."""
    table = PAGE.partition(f"{head}\n")[2].partition("\n\n")[0]
    found: dict[str, list[str]] = {}
    for line in table.splitlines()[1:]:
        _, names, said, *_ = line.split("|")
        found |= dict.fromkeys(re.findall(r"`(\w+)`", names), re.findall(r"`(\w+)`", said))
    return found


def test_the_table_of_states_is_the_table_of_moves() -> None:
    assert rows("| from | to |") == {state: list(after) for state, after in TRANSITIONS.items()}


def test_every_rule_that_empties_a_day_is_explained() -> None:
    assert set(rows("| rule | what it leaves nothing of |")) == set(RULES)
