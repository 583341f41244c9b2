"""`varco demo`: prepare everything in a child process, then serve it in this one."""

import argparse
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from varco import config
from varco.ops import file_modes, master_key, preflight, server
from varco.ops.demo import cast, moved_clock


def run(options: argparse.Namespace) -> int:
    """Build what is missing, write the manifest, print whom to be, and serve until told to stop."""
    started = time.monotonic()
    settings = _prepare(options)
    if options.clock and _move_clock(options.clock, settings) and _is_served(settings):
        return 0
    preflight.check_port(settings.host, settings.port)
    server.load("all")
    status = preflight.apart(lambda: _build(options, settings, started))
    return status or server.serve("all", settings)


def _move_clock(step: str, settings: config.Settings) -> int:
    """Move the demo's clock on and say where it stands; how far it is ahead. Raises `OperationError`."""
    try:
        ahead = moved_clock.move(settings.data_dir, moved_clock.parse(step))
    except ValueError as fault:
        raise preflight.OperationError(f"--clock: {fault}") from None
    shown = datetime.now(UTC) + timedelta(seconds=ahead)
    print(f"The demo's clock is {moved_clock.worded(ahead)} ahead: {shown:%Y-%m-%d %H:%M} UTC.")
    return ahead


def _is_served(settings: config.Settings) -> bool:
    """Whether a demo runs here already, whose processes follow their clock by themselves."""
    try:
        preflight.check_port(settings.host, settings.port)
    except preflight.OperationError:
        return True
    return False


def _prepare(options: argparse.Namespace) -> config.Settings:
    """Turn the options into settings of the environment, where the server's workers will read them."""
    directory: Path = options.data.absolute()
    public = options.public_url or os.environ.get("VARCO_ISSUER") or f"http://localhost:{options.port}"
    os.environ.setdefault("VARCO_DRAIN", "0")  # nobody else stands ready, and whoever stops a demo wants it gone
    os.environ |= {
        "VARCO_DEMO": "true",
        "VARCO_DATA_DIR": str(directory),
        "VARCO_HOST": options.host,
        "VARCO_PORT": str(options.port),
        "VARCO_ISSUER": public,
    }
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.environ.get("VARCO_MASTER_KEYS") and not (directory / master_key.FILE).exists():
        master_key.write(directory)
    settings = config.load()
    config.master_keys(settings)
    file_modes.check(settings)
    return settings


def _build(options: argparse.Namespace, settings: config.Settings, started: float) -> None:
    from varco.ops.environment import start_django
    from varco.ops.migrate import migrate

    start_django()
    from varco.ops import health
    from varco.ops.demo import client_file, manifest, world

    changes = client_file.read(options.client_file) if options.client_file else {}
    if health.database_faults() or health.schema_faults():  # else migrating would only take its time
        migrate(verbose=False)
    preflight.check_installation(settings)
    made, known = world.build(changes)
    document = manifest.document(made, known)
    if options.manifest:
        manifest.write(options.manifest, document)
    print(_table(document, options.manifest))
    print(f"Ready in {time.monotonic() - started:.1f} s. Ctrl-C stops it; what you did is kept in {options.data}.")


def _table(document: dict[str, object], manifest: Path | None) -> str:
    issuer = document["issuer"]
    lines = [
        "",
        f"  Varco's demo is at {issuer}",
        "",
        f"  {'SIGN IN AS':<28} {'PASSWORD':<20} WHO IT IS",
        *(f"  {person.email:<28} {cast.PASSWORD:<20} {person.given_name}, {person.what}" for person in cast.EVERYBODY),
        "",
        f"  {'APPLICATION':<24} CLIENT_ID",
        *(f"  {made['name']:<24} {made['client_id']}" for made in document["applications"]),  # type: ignore[attr-defined]
        "",
        f"  {issuer}/developer/applications/   as Davide: register software, see its client_id and secrets",
        f"  {issuer}/staff/applications/       as Olga: the review queue",
        f"  {issuer}/account/applications/     as Dario: what he connected",
        f"  {issuer}/demo/mailbox              every mail that would have been sent",
        "",
        f"  Secrets and everything else: {manifest}" if manifest else "  Secrets: run it with --manifest FILE.",
        f"  The whole story, played for you: varco tour --url {issuer}",
        "",
    ]
    return "\n".join(lines)
