"""The `varco` command. Django and the server are imported only by the commands that need them."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import varco
from varco import catalog, config
from varco.ops import accounts, audit, clinics, environment_file, file_modes, preflight, version
from varco.ops.backup import command as backup
from varco.ops.init import command as init
from varco.ops.tour import command as tour
from varco.protocol.jose.algorithms import ALGORITHMS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    os.umask(file_modes.PRIVATE)
    return preflight.guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    environment_file.load_all(options.env_file)
    return int(options.run(options) or 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="varco", description=varco.__doc__)
    parser.add_argument("--version", action="version", version=f"varco {varco.__version__}")
    parser.add_argument(
        "--env-file", type=Path, metavar="FILE", action="append", default=[],
        help="settings to add to those of the environment; of several files the first that has one counts",
    )  # fmt: skip
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    init.add_parser(commands)
    serve = commands.add_parser("serve", help="serve the gate and the portal, together or apart")
    serve.add_argument("what", nargs="?", default="all", choices=["all", "gate", "portal"])
    serve.set_defaults(run=_serve)

    worker = commands.add_parser(
        "worker", help="do the upkeep alone: mail, notices, what is due at a date, keys, sweeping"
    )
    worker.set_defaults(run=_worker)

    migrate = commands.add_parser("migrate", help="bring the three databases to this version")
    migrate.set_defaults(run=_migrate)

    _add_makemigrations(
        commands.add_parser("makemigrations", help="for developers: write the migrations that models need")
    )

    settings = commands.add_parser("config", help="show or check the settings")
    shown = settings.add_mutually_exclusive_group()
    shown.add_argument("--markdown", action="store_true", help="print docs/configuration.md")
    shown.add_argument("--check", action="store_true", help="check the settings and the master key, print nothing else")
    settings.set_defaults(run=_config)

    accounts.add_parser(commands)
    clinics.add_parsers(commands)
    _add_keys(commands.add_parser("keys", help="the keys that sign tokens, and the master key"))
    audit.add_parser(commands)
    backup.add_parsers(commands)
    _add_demo(commands.add_parser("demo", help="serve a whole invented world, to look at and to try"))
    tour.add_parser(commands)

    doctor = commands.add_parser("doctor", help="look over an installation: settings, databases, keys, clock, mail")
    doctor.set_defaults(run=_doctor)
    told = commands.add_parser("version", help="print version and build")
    told.add_argument("--json", action="store_true", help="with what it runs on, and the migrations it brings")
    told.set_defaults(run=lambda options: version.show(as_json=options.json))
    return parser


def _add_keys(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(title="acts", metavar="ACT")
    parser.set_defaults(run=_keys, act="list")
    acts.add_parser("list", help="show the calendar").set_defaults(act="list")
    acts.add_parser("ensure", help="make the keys that are due").set_defaults(act="ensure")
    rotate = acts.add_parser("rotate", help="let the next key take over now")
    rotate.add_argument("--alg", choices=ALGORITHMS, help="only this algorithm")
    rotate.set_defaults(act="rotate")
    revoke = acts.add_parser("revoke", help="emergency: a key is gone at once, with everything it signed")
    revoke.add_argument("kid", metavar="KID")
    revoke.set_defaults(act="revoke")
    master_key = acts.add_parser("master", help="make a master key in the data directory")
    master_key.add_argument(
        "--print", action="store_true", dest="print_key", help="print one instead, for VARCO_MASTER_KEYS"
    )
    master_key.add_argument(
        "--status", action="store_true", help="show what each configured master key still opens, and which is spare"
    )
    master_key.set_defaults(run=_master)
    reseal = acts.add_parser("reseal", help="seal everything anew under the first master key")
    reseal.set_defaults(act="reseal")


def _add_makemigrations(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("apps", nargs="*", metavar="APP", help="only these apps")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a migration lacks")
    parser.add_argument("--name", help="the migration's name, after its number")
    parser.add_argument("--empty", action="store_true", help="an empty one, to be written by hand")
    parser.set_defaults(run=_makemigrations)


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=Path("demo-data"), metavar="DIR", help="where it keeps everything")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on")
    parser.add_argument(
        "--manifest", type=Path, metavar="FILE", help="write the world's ids, passwords and secrets here"
    )
    parser.add_argument("--public-url", metavar="URL", help="the issuer, when it is not http://localhost:PORT")
    parser.add_argument(
        "--client-file", type=Path, metavar="FILE", help="redirect URIs and keys of the demo's clients, JSON"
    )
    parser.add_argument(
        "--clock", metavar="+15d", help="move the demo's clock on: of the demo that runs, or of the one this starts"
    )
    parser.set_defaults(run=_demo)


def _serve(options: argparse.Namespace) -> int:
    from varco.ops import server

    settings = _checked_settings()
    file_modes.check(settings)
    preflight.check_port(settings.host, settings.port)
    server.load(options.what)
    status = preflight.apart(lambda: _check_installation(settings))
    return status or server.serve(options.what, settings)


def _worker(_options: argparse.Namespace) -> int:
    from varco.ops import worker

    settings = _checked_settings()
    file_modes.check(settings)
    return worker.run(settings)


def _checked_settings() -> config.Settings:
    """The settings, if master key and catalogue are in order too. Raises `ConfigError`, `CatalogError`."""
    settings = config.load()
    config.master_keys(settings)
    catalog.load(settings.catalog)
    return settings


def _check_installation(settings: config.Settings) -> None:
    from varco.ops.environment import start_django

    start_django()
    preflight.check_installation(settings)


def _migrate(_options: argparse.Namespace) -> None:
    from varco.ops.environment import start_django
    from varco.ops.migrate import migrate

    start_django()
    migrate()


def _makemigrations(options: argparse.Namespace) -> None:
    from varco.ops import makemigrations

    makemigrations.run(options)


def _config(options: argparse.Namespace) -> None:
    if options.markdown:
        sys.stdout.write(config.markdown())
        return
    settings = _checked_settings()
    if not options.check:
        for item in fields(settings):
            value = getattr(settings, item.name)
            hidden = item.metadata["secret"] and value
            print(f"{config.variable(item.name)}={'(set)' if hidden else _plain(value)}")


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _keys(options: argparse.Namespace) -> None:
    from varco.ops.environment import start_django

    start_django()
    from varco.ops import keys

    keys.run(options)


def _master(options: argparse.Namespace) -> None:
    from varco.ops import master_key

    if options.status:
        options.act = "status"
        _keys(options)
    elif options.print_key:
        print(master_key.new())
    else:
        # The key is made before anything else is configured: of the settings only the directory matters here.
        chosen = {name: os.environ[name] for name in ("VARCO_DATA_DIR",) if name in os.environ}
        if os.environ.get("VARCO_MASTER_KEYS"):
            raise preflight.OperationError(
                "VARCO_MASTER_KEYS is set, and no file would be read; make a key for it with --print"
            )
        print(f"wrote {master_key.write(config.load({'VARCO_ISSUER': 'http://localhost'} | chosen).data_dir)}")


def _demo(options: argparse.Namespace) -> int:
    from varco.ops.demo import command

    return command.run(options)


def _doctor(_options: argparse.Namespace) -> int:
    from varco.ops import doctor

    return doctor.run()
