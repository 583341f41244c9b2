"""Debian's oidc-agent: keeps a person's tokens for the programs of their shell, and gets them by the device flow."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.test_client_libraries import assert_is_luca
from tests.support.demo_world import World
from tests.support.postgres import die_with_parent

SCOPE = "openid profile offline_access giponext.agenda"


class Agent:
    """A running agent with a home of its own, and its commands."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="varco-agent-"))
        (self.home / "config").mkdir(mode=0o700)
        socket = self.home / "socket"
        self._environment = os.environ | {
            "HOME": str(self.home),
            "OIDC_CONFIG_DIR": str(self.home / "config"),
            "OIDC_ENCRYPTION_PW": "of one test only",
            "OIDC_SOCK": str(socket),
        }
        with (self.home / "log").open("wb") as log:
            self._process = subprocess.Popen(
                ["oidc-agent", "--console", "--socket-path", str(socket)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - one ctypes call
            )
        deadline = time.monotonic() + 20
        while not socket.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = (self.home / "log").read_text("utf-8", "replace")
                self.stop()
                raise RuntimeError(f"oidc-agent did not start:\n{said}")
            time.sleep(0.05)

    def begin(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._environment,
        )

    def run(self, *command: str) -> str:
        with self.begin(*command) as process:
            said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said
        return said.strip()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        shutil.rmtree(self.home, ignore_errors=True)


@pytest.fixture
def agent() -> Iterator[Agent]:
    running = Agent()
    yield running
    running.stop()


def set_up(agent: Agent, world: World) -> None:
    """What a person does once: start at the shell, go to the page it names with the code it shows."""
    options = [
        "--flow=device", f"--issuer={world.issuer}", f"--client-id={world.client('device')['client_id']}", "--client-secret=",
        f"--scope={SCOPE}", "--pw-env", "--prompt=none", "--confirm-default",
    ]  # fmt: skip
    with agent.begin("oidc-gen", "varco", *options) as process:
        assert process.stdout
        said = ""
        while (shown := re.search(r"enter the code: (\S+)\n", said)) is None:
            line = process.stdout.readline()
            assert line, said
            said += line
        assert world.address("/device") in said
        with world.person("manager_levante") as luca:
            page = luca.press(luca.sign_in(luca.open("/device")), "continue", user_code=shown[1])
            luca.press(page, "accept.*")
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said


def test_oidc_agent_gets_tokens_on_a_device_refreshes_and_revokes_them(world: World, agent: Agent) -> None:
    set_up(agent, world)
    first = agent.run("oidc-token", "varco")
    second = agent.run("oidc-token", "varco", "--time=3600")  # longer than the first one lives
    assert second != first

    def who() -> httpx.Response:
        return httpx.get(f"{world.api}/v2/userinfo", headers={"Authorization": f"Bearer {second}"})

    assert_is_luca(who().json(), world)
    agent.run("oidc-gen", "--delete", "varco", "--pw-env", "--confirm-yes")
    assert who().status_code == 401
