"""What a check is, and what it finds."""

from collections.abc import Callable
from dataclasses import dataclass

from varco.config import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault with its cure, in one sentence. `stops`: no server should start with it."""

    text: str
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """Something that is looked at. `fine` words that all is well; `first`: where it fails, later checks mean nothing.

    `running`: it means something of an installation that runs, and nothing of one that starts.
    """

    name: str
    find: Callable[[Settings], list[Finding]]
    fine: Callable[[Settings], str]
    first: bool = False
    running: bool = False
