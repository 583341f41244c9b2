"""What `varco init` writes: the settings, a systemd unit and an nginx site, filled in."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from varco import config
from varco.ops import environment_file
from varco.ops.init.questions import DATABASES

ENVIRONMENT, UNIT, SITE = "varco.env", "varco.service", "nginx.conf"


@dataclass(frozen=True, slots=True)
class Installation:
    """Where and as whom it runs."""

    directory: Path  # of what is written
    data_dir: Path
    program: Path  # the `varco` command
    user: str  # of the operating system
    port: int
    master_key: str  # empty: it stands in the data directory


def settings(answers: Mapping[str, str], made: Installation) -> dict[str, str]:
    """The variables of the installation, those that say nothing left out."""
    names = ("issuer", "trusted_proxies", *DATABASES, "smtp_url", "vendor")
    values = {name: answers.get(name, "") for name in names} | {
        "data_dir": str(made.data_dir),
        "port": str(made.port),
        "master_keys": made.master_key,
    }
    return {config.variable(name): value for name, value in values.items() if value}


def environment(answers: Mapping[str, str], made: Installation) -> str:
    """The file of settings. It holds secrets: readable by its owner only."""
    head = "# Settings of Varco, made by `varco init`; docs/configuration.md has all there are. Holds secrets: keep it 0600.\n"
    return head + environment_file.text(settings(answers, made))


def unit(answers: Mapping[str, str], made: Installation) -> str:
    """The systemd unit: nothing of the machine is there for it but its data directory and the network (systemd.exec(5))."""
    needs = "network-online.target" + (" postgresql.service" if answers["storage"] == "postgresql" else "")
    return _UNIT.format(
        vendor=_specifiers(answers["vendor"]),
        needs=needs,
        user=made.user,
        environment=_specifiers(str(made.directory / ENVIRONMENT)),
        program=_specifiers(_argument(made.program)),
        data=_specifiers(_argument(made.data_dir)),
    )


def _specifiers(text: str) -> str:
    """The text with `%` as itself: systemd reads `%x` as a name of something (systemd.unit(5), "Specifiers")."""
    return text.replace("%", "%%")


def _argument(path: Path) -> str:
    """A path as one word of a systemd line."""
    text = str(path)
    return text if text.replace("/", "").replace("-", "").replace(".", "").replace("_", "").isalnum() else f'"{text}"'


def site(answers: Mapping[str, str], made: Installation) -> str:
    """The nginx site: TLS, and the client's address in `X-Forwarded-For`."""
    parts = urlsplit(answers["issuer"])
    host = parts.hostname or ""
    return _SITE.format(
        public=f"[{host}]" if _is_ipv6(host) else host, port=made.port, tls_port=parts.port or 443, name=host
    )


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False


_UNIT = """\
# Made by `varco init`. To install: systemctl link THIS_FILE && systemctl enable --now varco
[Unit]
Description=Varco for {vendor}
Wants=network-online.target
After={needs}

[Service]
Type=exec
User={user}
EnvironmentFile={environment}
ExecStart={program} serve
Restart=on-failure
RestartSec=2
TimeoutStopSec=30
KillMode=mixed
UMask=0077
ReadWritePaths={data}
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
NoNewPrivileges=yes
CapabilityBoundingSet=
LockPersonality=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
"""

_SITE = """\
# Made by `varco init`: TLS in front of Varco. Put the paths of your certificate in.
upstream varco {{
    server 127.0.0.1:{port};
    keepalive 32;
}}

server {{
    listen {tls_port} ssl;
    listen [::]:{tls_port} ssl;
    server_name {public};

    ssl_certificate     /etc/ssl/certs/{name}.pem;
    ssl_certificate_key /etc/ssl/private/{name}.key;

    # An authorization request may carry a long state, and an answer long headers.
    large_client_header_buffers 4 16k;
    proxy_buffer_size 16k;
    proxy_buffers 8 16k;
    client_max_body_size 1m;

    location / {{
        proxy_pass http://varco;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
}}
"""
