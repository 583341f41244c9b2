"""`varco init`: ask, write, and say what to do next."""

import argparse
import getpass
import os
import pwd
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from varco import config
from varco.ops import file_modes, master_key
from varco.ops.init import files, questions
from varco.ops.preflight import OperationError


def add_parser(commands: Any) -> None:
    """Add `init` to the commands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "init", help="ask a handful of questions and write all that a first installation needs"
    )
    parser.add_argument("directory", nargs="?", type=Path, default=Path("varco"), help="where to write (varco)")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where data is kept (data in that directory)")
    parser.add_argument("--port", type=int, help="port to listen on (8000; the issuer's where that is on this machine)")
    parser.add_argument("--user", default="", help="who runs it (whoever runs this)")
    parser.add_argument(
        "--key-file", action="store_true", help="keep the master key in a file of its own in the data directory"
    )
    parser.add_argument(
        "--apart",
        action="store_true",
        help="gate, portal and upkeep as services of their own, two gates and two portals; needs PostgreSQL",
    )
    parser.add_argument(
        "--unattended", action="store_true", help="ask nothing: options, and defaults for what they leave out"
    )
    questions.add_options(parser)
    parser.set_defaults(run=run)


def _port_of(issuer: str) -> int:
    """Where no proxy stands before it, it listens where its links lead."""
    parts = urlsplit(issuer)
    return (parts.port or 80) if parts.scheme == "http" else 8000


def run(options: argparse.Namespace) -> None:
    """Write the directory, or nothing at all. Raises `OperationError`."""
    directory: Path = options.directory.expanduser().absolute()
    for name in (files.ENVIRONMENT, files.UNIT, *files.PLANE_UNITS.values(), files.WORKER_UNIT, files.SITE):
        if (directory / name).exists():
            raise OperationError(f"{directory / name} exists, and is not written over; choose another directory")
    answers = questions.answers(options, None if options.unattended else input)
    made = files.Installation(
        directory=directory,
        data_dir=(options.data_dir or directory / "data").expanduser().absolute(),
        program=_program(),
        user=options.user or getpass.getuser(),
        port=options.port or _port_of(answers["issuer"]),
        master_key="" if options.key_file else master_key.new(),
        apart=options.apart,
    )
    if made.apart and answers["storage"] != "postgresql":
        raise OperationError("--apart: two gates and two portals need --storage postgresql")
    _check_user(made.user)
    written = {files.ENVIRONMENT: files.environment(answers, made)}
    if made.apart:
        written |= files.apart_units(answers, made)
    else:
        written[files.UNIT] = files.unit(answers, made)
    if answers.get("trusted_proxies"):
        written[files.SITE] = files.site(answers, made)
    checked = config.load(files.settings(answers, made))  # as a whole, before anything is written
    if made.data_dir.exists():
        file_modes.check(checked)
    _write(made, written, key_file=options.key_file)
    _say(made, written, answers)


def _check_user(user: str) -> None:
    """Raise `OperationError` for an account that is not there, or to whom we cannot give files."""
    try:
        uid = pwd.getpwnam(user).pw_uid
    except KeyError:
        raise OperationError(
            f"--user: there is no {user} on this machine; make it with: useradd --system {user}"
        ) from None
    if uid != os.geteuid() and os.geteuid() != 0:
        raise OperationError(f"--user: only root can write files for {user}; run it with sudo")


def _program() -> Path:
    """The `varco` command that runs now, as a unit has to name it."""
    beside = Path(sys.executable).with_name("varco")
    found = shutil.which("varco")
    return beside if beside.exists() or not found else Path(found)


def _write(made: files.Installation, written: dict[str, str], *, key_file: bool) -> None:
    done: list[Path] = []
    try:
        for directory in (made.directory, made.data_dir):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, text in written.items():
            path = made.directory / name
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            done.append(path)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
        if key_file:
            done.append(master_key.write(made.data_dir))
        if os.geteuid() == 0:
            for path in (made.directory, made.data_dir, *done):
                shutil.chown(path, made.user)
    except (OSError, OperationError) as fault:
        for path in done:
            path.unlink()
        if isinstance(fault, OperationError):
            raise
        raise OperationError(f"cannot write {fault.filename}: {fault.strerror}") from None


def _say(made: files.Installation, written: dict[str, str], answers: questions.Answers) -> None:
    command = f"{'' if made.user == getpass.getuser() else f'sudo -u {made.user} '}varco --env-file {shlex.quote(str(made.directory / files.ENVIRONMENT))}"
    link = "" if answers.get("smtp_url") else " --print-link"
    print(f"Wrote {', '.join(written)} in {made.directory}. Keep a copy of the master key elsewhere.")
    print("Next:")
    print(f"  {command} migrate")
    print(f"  {command} account create {shlex.quote(answers['operator'])} --role operator{link}")
    if made.apart:
        print("  and as services, as the first line of each unit says: two gates, two portals, a worker")
    else:
        print(f"  {command} serve")
        print(f"As a service: systemctl enable --now {shlex.quote(str(made.directory / files.UNIT))}")
    print(f"At any time, what is wrong and what to do: {command} doctor")
