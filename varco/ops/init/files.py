"""What `varco init` writes: the settings, a systemd unit and an nginx site, filled in."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from varco import config
from varco.ops import environment_file
from varco.ops.init.questions import DATABASES

ENVIRONMENT, UNIT, SITE = "varco.env", "varco.service", "nginx.conf"
PLANE_UNITS = {"gate": "varco-gate@.service", "portal": "varco-portal@.service"}
WORKER_UNIT = "varco-worker@.service"
_NAME = re.compile(r"\{\{ (\w+) \}\}")


@dataclass(frozen=True, slots=True)
class Installation:
    """Where and as whom it runs."""

    directory: Path  # of what is written
    data_dir: Path
    program: Path  # the `varco` command
    user: str  # of the operating system
    port: int
    master_key: str  # empty: it stands in the data directory
    apart: bool = False  # gate and portal are services of their own, two of each, and so is a worker


def settings(answers: Mapping[str, str], made: Installation) -> dict[str, str]:
    """The variables of the installation, those that say nothing left out."""
    names = ("issuer", "trusted_proxies", *DATABASES, "smtp_url", "vendor")
    values = {name: answers.get(name, "") for name in names} | {
        "data_dir": str(made.data_dir),
        "port": str(made.port),
        "master_keys": made.master_key,
        "rate_limit_shares": str(len(plane_ports(made)["gate"])) if made.apart else "",
    }
    return {config.variable(name): value for name, value in values.items() if value}


def environment(answers: Mapping[str, str], made: Installation) -> str:
    """The file of settings. It holds secrets: readable by its owner only."""
    head = "# Settings of Varco, made by `varco init`; docs/configuration.md has all there are. Holds secrets: keep it 0600.\n"
    return head + environment_file.text(settings(answers, made))


def unit(answers: Mapping[str, str], made: Installation) -> str:
    """The systemd unit: nothing of the machine is there for it but its data directory and the network (systemd.exec(5))."""
    title = f"Made by `varco init`. To install: systemctl enable --now {made.directory / UNIT}"
    command = f"{_specifiers(_argument(made.program))} serve"
    return _unit(answers, made, title=title, description=f"Varco for {_specifiers(answers['vendor'])}", command=command)


def plane_unit(plane: str, answers: Mapping[str, str], made: Installation) -> str:
    """The systemd template unit of the gate or the portal alone; the instance is the port it listens on.

    Variables of an environment file win over those of the unit (systemd.exec(5)), hence env(1).
    """
    name = PLANE_UNITS[plane]
    title = (
        f"Made by `varco init`. To install: systemctl link {made.directory / name}; "
        f"systemctl enable --now {name.replace('@', f'@{plane_ports(made)[plane][0]}')}"
    )
    return _unit(
        answers, made, title=title, description=f"Varco for {_specifiers(answers['vendor'])}: the {plane} on port %i",
        command=f"/usr/bin/env VARCO_PORT=%i {_specifiers(_argument(made.program))} serve {plane}",
        own=f"EnvironmentFile=-{_specifiers(str(made.directory / f'{plane}.env'))}\n",
    )  # fmt: skip


def worker_unit(answers: Mapping[str, str], made: Installation) -> str:
    """The systemd template unit of the upkeep alone, which listens nowhere: the instance only tells one from another."""
    title = (
        f"Made by `varco init`. To install: systemctl link {made.directory / WORKER_UNIT}; "
        f"systemctl enable --now {WORKER_UNIT.replace('@', '@1')}"
    )
    return _unit(
        answers, made, title=title, description=f"Varco for {_specifiers(answers['vendor'])}: the upkeep, worker %i",
        command=f"{_specifiers(_argument(made.program))} worker",
        own=f"EnvironmentFile=-{_specifiers(str(made.directory / 'worker.env'))}\n",
    )  # fmt: skip


def apart_units(answers: Mapping[str, str], made: Installation) -> dict[str, str]:
    """The units of an installation whose gate, portal and upkeep are services of their own, by the name of the file."""
    planes = {name: plane_unit(plane, answers, made) for plane, name in PLANE_UNITS.items()}
    return planes | {WORKER_UNIT: worker_unit(answers, made)}


def plane_ports(made: Installation) -> dict[str, tuple[int, int]]:
    """Where two gates and two portals listen: after the port of a server that is both."""
    return {"gate": (made.port + 1, made.port + 2), "portal": (made.port + 11, made.port + 12)}


def _unit(
    answers: Mapping[str, str], made: Installation, *, title: str, description: str, command: str, own: str = ""
) -> str:
    needs = "network-online.target" + (" postgresql.service" if answers["storage"] == "postgresql" else "")
    return _filled(
        "varco.service", title=title, description=description, needs=needs, user=made.user,
        environment=_specifiers(str(made.directory / ENVIRONMENT)), own=own, command=command,
        data=_specifiers(_argument(made.data_dir)),
    )  # fmt: skip


def _filled(template: str, **values: object) -> str:
    """A file of `templates/`, whose `{{ name }}` are these values."""
    text = resources.files(__package__).joinpath("templates", template).read_text("utf-8")
    return _NAME.sub(lambda found: str(values[found[1]]), text)


def _specifiers(text: str) -> str:
    """The text with `%` as itself: systemd reads `%x` as a name of something (systemd.unit(5), "Specifiers")."""
    return text.replace("%", "%%")


def _argument(path: Path) -> str:
    """A path as one word of a systemd line."""
    text = str(path)
    return text if text.replace("/", "").replace("-", "").replace(".", "").replace("_", "").isalnum() else f'"{text}"'


def site(answers: Mapping[str, str], made: Installation) -> str:
    """The nginx site: TLS, and each request to the plane that answers it, which may be one process for both."""
    parts = urlsplit(answers["issuer"])
    host = parts.hostname or ""
    ports = plane_ports(made) if made.apart else {"gate": (made.port,), "portal": (made.port,)}
    # A server that is not there is tried again after a second: sooner than the next one is restarted.
    servers = {
        plane: "\n".join(f"    server 127.0.0.1:{port} max_fails=1 fail_timeout=1s;" for port in found)
        for plane, found in ports.items()
    }
    return _filled(
        SITE, site=made.directory / SITE, gates=servers["gate"], portals=servers["portal"],
        gates_note="" if made.apart else "# One process answers for both.\n",
        server_name=f"[{host}]" if _is_ipv6(host) else host, name=host, tls_port=parts.port or 443,
    )  # fmt: skip


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False
