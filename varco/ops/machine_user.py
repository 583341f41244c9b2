"""Who runs a command: the account of the operating system, which the audit names for what is done on the machine itself."""

import os
import pwd
from pathlib import Path

from varco.audit.services import MachineUser, Origin

_NOBODY_SIGNED_IN = 2**32 - 1
_LOGIN_UID = Path(
    "/proc/self/loginuid"
)  # who signed in to the machine, whatever account they changed to since (proc(5))


def origin() -> Origin:
    """The origin of what this command does."""
    uid = os.getuid()
    name = f"{_login_name(uid)} (uid {uid})"
    signed_in = _signed_in()
    if signed_in not in {None, uid}:
        name += f", signed in as {_login_name(signed_in)} (uid {signed_in})"
    return Origin(machine=MachineUser(uid, name))


def _login_name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return "unnamed"


def _signed_in() -> int | None:
    try:
        uid = int(_LOGIN_UID.read_text("ascii"))
    except (OSError, ValueError):
        return None
    return None if uid == _NOBODY_SIGNED_IN else uid
