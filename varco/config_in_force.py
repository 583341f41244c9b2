"""The settings in force, for people: each with its value, its default and what it is for; of a secret only whether it is set."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from varco.config import Settings, variable


@dataclass(frozen=True, slots=True)
class InForce:
    """One setting. `value` and `default` are as the environment would have them; both are empty for a secret."""

    variable: str
    value: str
    default: str
    help: str
    unit: str
    secret: bool
    given: bool  # another value than the default; for a secret, whether there is one


def in_force(settings: Settings) -> Iterator[InForce]:
    """Every setting in the order of docs/configuration.md. No part of a secret is in what this yields."""
    for item in fields(Settings):
        value, default = getattr(settings, item.name), item.default
        secret = bool(item.metadata["secret"])
        yield InForce(
            variable(item.name),
            "" if secret else _text(value),
            "" if secret else _text(default),
            item.metadata["help"],
            item.metadata["unit"],
            secret,
            bool(value) if secret else value != default,
        )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)
