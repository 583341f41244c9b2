"""Steps of a tour: each is named before it is done, then shown with the facts seen, or with what went wrong."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any


class Mismatch(Exception):  # noqa: N818 - a finding, not a failure of this program
    """Something was not as it must be."""

    def __init__(self, expected: str, received: str) -> None:
        super().__init__(f"expected {expected}, received {received}")
        self.expected = expected
        self.received = received


@dataclass
class Step:
    """One step; `facts` are what was seen, shortened where it is secret."""

    title: str
    ok: bool = False
    facts: dict[str, str] = field(default_factory=dict)
    expected: str = ""
    received: str = ""
    ms: float = 0.0

    def saw(self, **facts: object) -> None:
        """Note what was seen."""
        self.facts |= {
            name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in facts.items()
        }

    @staticmethod
    def require(condition: object, expected: str, received: object) -> None:
        """Raise `Mismatch` unless the condition holds."""
        if not condition:
            raise Mismatch(expected, _short(received))

    @classmethod
    def equal(cls, received: object, expected: object, what: str) -> None:
        """Raise `Mismatch` unless both are equal."""
        cls.require(received == expected, f"{what} {expected!r}", repr(received))


class Tour:
    """The steps so far; printed as they end, or all at once as JSON."""

    def __init__(self, *, as_json: bool) -> None:
        self.steps: list[Step] = []
        self._as_json = as_json

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """One step. A `Mismatch` in it is noted and goes on to the caller, who stops there."""
        step = Step(title)
        self.steps.append(step)
        started = time.perf_counter()
        try:
            yield step
            step.ok = True
        except Mismatch as fault:
            step.expected, step.received = fault.expected, fault.received
            raise
        finally:
            step.ms = round((time.perf_counter() - started) * 1000, 1)
            if not self._as_json:
                self._print(step)

    def _print(self, step: Step) -> None:
        mark = "✓" if step.ok else "✗"
        print(f"{mark} {len(self.steps):>2}  {step.title}  ({step.ms:.0f} ms)")
        for name, value in step.facts.items():
            print(f"        {name.replace('_', ' ')}: {value}")
        if not step.ok:
            print(f"        expected: {step.expected}\n        received: {step.received}")
        sys.stdout.flush()

    def document(self, issuer: str) -> str:
        """Everything as one JSON document."""
        told: dict[str, Any] = {
            "issuer": issuer,
            "ok": bool(self.steps) and all(step.ok for step in self.steps),
            "steps": [asdict(step) for step in self.steps],
        }
        return json.dumps(told, indent=2, ensure_ascii=False)


def veiled(secret: str) -> str:
    """A token or secret, told apart but not told."""
    return f"{secret[:6]}…{secret[-4:]} ({len(secret)} characters)"


def _short(value: object, limit: int = 600) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= limit else f"{text[:limit]}…"
