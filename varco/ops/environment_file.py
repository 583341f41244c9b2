"""A file of settings, as `varco init` writes it and systemd's `EnvironmentFile=` and a shell read it: `NAME="value"` lines.

Settings still come from the environment alone: `varco --env-file FILE` puts the file's lines there, where they are not set yet.
"""

import os
import re
import shlex
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from varco.config import ConfigError

_LINE = re.compile(r'(VARCO_[A-Z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"\'\\$`]*))')
_ESCAPED = re.compile(r"\\(.)")
_SPECIAL = re.compile(r'(["\\$`])')
_PLAIN = re.compile(r"[A-Za-z0-9_./:@,+=-]*")
_COMMAND = re.compile(r"\bvarco (?=(?:account|config|doctor|keys|member|migrate|tenant)\b)")
_read: list[Path] = []


def text(values: Mapping[str, str]) -> str:
    """The lines of a file with these variables, quoted as systemd.exec(5) and POSIX shells understand alike."""
    return "".join(f"{name}={_quoted(value)}\n" for name, value in values.items())


def _quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else '"' + _SPECIAL.sub(r"\\\1", value) + '"'


def load_all(paths: Sequence[Path]) -> None:
    """Load the files that a command names, and remember them for `with_files`. Raises `ConfigError` as `load` does."""
    _read[:] = paths
    for path in paths:
        load(path)


def load(path: Path) -> None:
    """Put the variables of a file into the environment, but for those that are there already.

    Raises `ConfigError` for a file that is not there, that others can read, or that holds anything else.
    """
    try:
        mode, lines = path.stat().st_mode, path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(f"{path} cannot be read: {getattr(fault, 'strerror', '') or 'it is not text'}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{path} can be read by others, and holds secrets; run: chmod 600 {path}")
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise ConfigError(f'{path}:{number}: must be a line VARCO_NAME="value"')
        name, quoted, plain = found.groups()
        os.environ.setdefault(name, plain if quoted is None else _ESCAPED.sub(r"\1", quoted))


def with_files(text: str) -> str:
    """A sentence for whoever ran a command, whose cure names the same files of settings: it is pasted and must work."""
    files = "".join(f"--env-file {shlex.quote(str(path))} " for path in _read)
    return _COMMAND.sub(lambda found: found[0] + files, text) if files else text
