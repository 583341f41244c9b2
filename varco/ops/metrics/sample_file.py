"""One worker's numbers: a file of doubles, written by the worker through its memory and read by its supervisor."""

import json
import mmap
import os
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

SUFFIX = ".numbers"


class Series(NamedTuple):
    """One number: the family it belongs to, and its labels."""

    family: str
    labels: tuple[tuple[str, str], ...]


def series(family: str, **labels: str) -> Series:
    """A series as its name and labels."""
    return Series(family, tuple(sorted(labels.items())))


class SampleFile:
    """The numbers of this process. `numbers[places[series]]` is one of them; nobody else writes here."""

    def __init__(self, directory: Path, every: Iterable[Series]) -> None:
        listed = list(every)
        self.places: Mapping[Series, int] = {item: place for place, item in enumerate(listed)}
        head = json.dumps([[family, dict(labels)] for family, labels in listed]).encode("ascii")
        head += b" " * (-len(head) % 8)
        path = directory / f"{os.getpid()}{SUFFIX}"
        unfinished = path.with_suffix(".new")
        with unfinished.open("w+b") as file:
            file.write(struct.pack("<q", len(head)) + head + bytes(8 * len(listed)))
            file.flush()
            self._memory = mmap.mmap(file.fileno(), 0)
        self.numbers = memoryview(self._memory)[8 + len(head) :].cast("d")
        unfinished.rename(path)

    def set(self, item: Series, value: float) -> None:
        """Note how much there is of something; what is not listed is left out."""
        place = self.places.get(item)
        if place is not None:
            self.numbers[place] = value


def read(path: Path) -> dict[Series, float]:
    """The numbers of one file."""
    content = path.read_bytes()
    (length,) = struct.unpack_from("<q", content)
    head = json.loads(content[8 : 8 + length])
    values = struct.unpack_from(f"={len(head)}d", content, 8 + length)
    return {series(family, **labels): value for (family, labels), value in zip(head, values, strict=True)}


def process_of(path: Path) -> int:
    """Whose file it is."""
    return int(path.name.removesuffix(SUFFIX))
