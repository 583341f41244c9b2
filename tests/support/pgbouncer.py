"""A PgBouncer of the tests' own in front of a PostgreSQL on loopback, stopped and removed at the end."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from typing import Any, Self

from tests.support import temporary
from tests.support.postgres import die_with_parent, free_port

BINARY = "/usr/sbin/pgbouncer"


class PgBouncer:
    """Answers between the ends of the `with`, as Debian configures it but for the given lines of its `[pgbouncer]`."""

    def __init__(self, server: int, mode: str, *lines: str, users: tuple[str, ...] = ()) -> None:
        """`server`: port of the PostgreSQL; `mode`: transaction or session; `users`: who comes as themselves, if not all as `varco`."""
        self.port = free_port()
        self._directory = temporary.directory("varco-pgbouncer-")
        (self._directory / "users").write_text("".join(f'"{user}" ""\n' for user in users), "ascii")
        self._process: subprocess.Popen[bytes] | None = None
        self._as_user: dict[str, Any] = {}
        self._lines = [
            "[databases]",
            f"* = host=127.0.0.1 port={server}" + ("" if users else " user=varco"),
            "[pgbouncer]",
            "listen_addr = 127.0.0.1",
            f"listen_port = {self.port}",
            "unix_socket_dir =",
            *(["auth_type = trust", f"auth_file = {self._directory}/users"] if users else ["auth_type = any"]),
            f"pool_mode = {mode}",
            "max_client_conn = 500",
            *lines,
        ]

    def url(self, name: str) -> str:
        return f"postgresql://varco@127.0.0.1:{self.port}/{name}"

    def __enter__(self) -> Self:
        file = self._directory / "pgbouncer.ini"
        file.write_text("\n".join([*self._lines, ""]), "ascii")
        if os.geteuid() == 0:  # it refuses to run as root
            account = pwd.getpwnam("postgres")
            self._as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            shutil.chown(self._directory, account.pw_uid, account.pw_gid)
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [BINARY, str(file)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGINT),  # noqa: PLW1509 - one ctypes call
                **self._as_user,
            )
        deadline = time.monotonic() + 20
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PgBouncer did not start:\n{(self._directory / 'log').read_text()}")
            time.sleep(0.05)

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.kill()
            self._process.wait(10)
        shutil.rmtree(self._directory, ignore_errors=True)
