"""Whose accounts the tour plays with: the demo's people, or an installation's own, whose secrets come from a file or variables.

The file of `--people` is JSON, readable by its owner only: for each part an object with `email`, and `password`, `name`, `link`
(an invitation that is not yet used) and `totp` (the key of an authenticator app; `new` to have one set up) as far as they matter.
"""

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from varco.ops.demo import cast
from varco.ops.preflight import OperationError
from varco.ops.tour import totp

PARTS = {"operator": "operator", "developer": "developer", "person": "doctor_aurora"}
"""Who plays, and which of the demo's people that is."""
_MEMBERS = {"email", "password", "name", "link", "totp"}


@dataclass
class Account:
    """Somebody who can sign in; `keep_totp` writes down the key of an authenticator app that the tour set up."""

    email: str
    password: str = field(repr=False)
    name: str = ""
    full_name: str = ""
    link: str = field(default="", repr=False)
    totp: str = field(default="", repr=False)
    people_file: Path | None = None
    part: str = ""
    invented: bool = False  # by this very tour, which is over before anybody needs the key of their app again

    @property
    def called(self) -> str:
        """What the story calls them."""
        return self.name or self.email

    def keep_totp(self, key: str) -> None:
        """Write the key into the people file, the one place where it may stand. Raises `OperationError`."""
        if self.invented:
            self.totp = key
            return
        if self.people_file is None:
            raise OperationError(f"{self.email} needs a second factor; give --people FILE, where its key can be kept")
        told = _read(self.people_file)
        told[self.part]["totp"] = self.totp = key
        beside = self.people_file.with_name(f"{self.people_file.name}.new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        beside.replace(self.people_file)


@dataclass
class Cast:
    """Who plays. The demo's clinics are known beforehand; of another installation the tour learns them on its way.

    With `manager` and `support`, whom only the demo has for it, a clinic asks for a developer first.
    """

    operator: Account
    developer: Account
    person: Account
    manager: Account | None = None
    support: Account | None = None
    clinic: cast.Clinic | None = None
    other_clinic: str = "tenant-that-nobody-has"


def of_demo(key: str, password: str = cast.PASSWORD) -> Account:
    """One of the demo's people."""
    known = cast.account(key)
    return Account(known.email, password, known.given_name, f"{known.given_name} {known.family_name}")


def demo(passwords: Mapping[str, str]) -> Cast:
    """The demo's people, with these passwords where they are others."""
    people = {part: of_demo(key, passwords.get(key, cast.PASSWORD)) for part, key in PARTS.items()}
    manager, support = (of_demo(key, passwords.get(key, cast.PASSWORD)) for key in ("manager_aurora", "support"))
    return Cast(
        people["operator"],
        people["developer"],
        people["person"],
        manager,
        support,
        cast.clinic("aurora"),
        cast.clinic("levante").public_id,
    )


def own(emails: Mapping[str, str], people_file: Path | None, environ: Mapping[str, str]) -> Cast:
    """An installation's own people. Raises `OperationError` with what lacks."""
    told = _read(people_file) if people_file else {}
    people = {part: _account(part, told.get(part, {}), emails.get(part, ""), people_file, environ) for part in PARTS}
    return Cast(people["operator"], people["developer"], people["person"])


def variable(part: str) -> str:
    """The variable with somebody's password. It is no setting, so it does not begin like one."""
    return f"TOUR_{part.upper()}_PASSWORD"


def _account(
    part: str, told: Mapping[str, str], email: str, people_file: Path | None, environ: Mapping[str, str]
) -> Account:
    email = email or told.get("email", "")
    if not email:
        raise OperationError(f'whose part is the {part}? Give --{part} EMAIL, or "{part}" in the file of --people')
    password = told.get("password") or environ.get(variable(part), "")
    if not password:
        raise OperationError(f"the password of {email} is needed: in {variable(part)}, or in the file of --people")
    key = told.get("totp", "")
    if key and key != totp.NEW and not totp.is_key(key):
        raise OperationError(f'"totp" of {part} is no key of an authenticator app; it is base32, or "{totp.NEW}"')
    return Account(
        email, password, name=told.get("name", ""), full_name=told.get("name", ""), link=told.get("link", ""), totp=key,
        people_file=people_file, part=part,
    )  # fmt: skip


def _read(path: Path) -> dict[str, Any]:
    try:
        mode, told = path.stat().st_mode, json.loads(path.read_text("utf-8"))
    except OSError as fault:
        raise OperationError(f"cannot read {path}: {fault.strerror}") from None
    except ValueError:
        raise OperationError(f"{path} is no JSON") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise OperationError(f"{path} can be read by others, and holds passwords; run: chmod 600 {path}")
    sound = isinstance(told, dict) and all(
        part in PARTS and isinstance(given, dict) and given.keys() <= _MEMBERS and all(isinstance(value, str) for value in given.values())
        for part, given in told.items()
    )  # fmt: skip
    if not sound:
        raise OperationError(
            f"{path} must have for each of {', '.join(PARTS)} an object with {', '.join(sorted(_MEMBERS))}"
        )
    return dict(told)
