"""kill -9 in the middle of rotations: afterwards each client holds its old refresh token, still usable, or its new one."""

import os
import select
import signal
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import httpx

from tests.support.demo_server import Demo
from tests.support.demo_world import World

CLIENTS = 6
ROUNDS = 3


class Rotating(threading.Thread):
    """One client that turns its refresh token over as fast as it can, and keeps the newest it was told."""

    def __init__(self, world: World, token: str) -> None:
        super().__init__(daemon=True)
        registered = world.client("web")
        self._authorization = (registered["client_id"], registered["client_secrets"][0])
        self._address = world.address("/oauth2/token")
        self.token = token
        self.rotations = 0

    def rotate(self, connection: httpx.Client) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": self.token}
        answer = connection.post(self._address, data=form, auth=self._authorization)
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["refresh_token"]
        self.rotations += 1

    def run(self) -> None:
        with httpx.Client() as connection:
            try:
                while True:
                    self.rotate(connection)
            except httpx.TransportError:
                return  # the server is dead; what it had not answered is as if never sent


def kill(demo: Demo) -> None:
    """-9 to the whole server: supervisor first, so that it raises nobody again. Afterwards its port is free."""
    assert demo.process is not None
    supervisor = demo.process.pid
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    with ExitStack() as killed:
        for pid in (supervisor, *map(int, children)):
            process = os.pidfd_open(pid)
            killed.callback(os.close, process)
            killed.callback(select.select, [process], [], [], 10)
            signal.pidfd_send_signal(process, signal.SIGKILL)
    demo.process.wait(10)


def test_no_client_is_stranded_by_a_killed_server(mortal: Demo) -> None:
    world = World(mortal)
    tokens = [world.tokens("doctor_aurora", prompt="consent")["refresh_token"] for _ in range(CLIENTS)]
    for _ in range(ROUNDS):
        clients = [Rotating(world, token) for token in tokens]
        for client in clients:
            client.start()
        deadline = time.monotonic() + 30
        while sum(client.rotations for client in clients) < 20 * CLIENTS:
            assert time.monotonic() < deadline, "the clients do not get on"
            time.sleep(0.01)
        kill(mortal)
        for client in clients:
            client.join(10)
            assert not client.is_alive()
        mortal.start()
        with httpx.Client() as connection:
            for client in clients:
                client.rotate(connection)
                client.rotate(connection)
        tokens = [client.token for client in clients]
