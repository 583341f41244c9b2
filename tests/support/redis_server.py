"""Debian's redis-server, on loopback, in memory: started, killed and started again as a test wants."""

import signal
import socket
import subprocess
import time
from typing import Self

from tests.support.postgres import die_with_parent, free_port

BINARY = "/usr/bin/redis-server"
PASSWORD = "store-secret"


class RedisServer:
    """Answers between the ends of the `with`, and from each `start()` to the next `kill()`; it keeps nothing in between."""

    def __init__(self, *options: str) -> None:
        """`options`: more of those of its command line."""
        self._options = options
        self.port = free_port()
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                BINARY,
                "--port",
                str(self.port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--requirepass",
                PASSWORD,
                *self._options,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            preexec_fn=lambda: die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - one ctypes call
        )
        deadline = time.monotonic() + 20
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("redis-server did not start")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it without warning."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def pause(self) -> None:
        """Have it answer nothing, its connections open, until `go_on`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def command(self, *words: str) -> bytes:
        """What it answers to a command, as it comes."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as link:
            for sent in (("AUTH", PASSWORD), words):
                link.sendall(f"*{len(sent)}\r\n".encode() + b"".join(f"${len(w)}\r\n{w}\r\n".encode() for w in sent))
                answer = link.recv(65536)
        return answer

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
