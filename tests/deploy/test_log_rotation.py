"""The log as a file, rotated by the lines of docs/operations.md with Debian's logrotate while the server works."""

import json
import re
import subprocess
import threading
from pathlib import Path

import httpx

from tests.support import source
from tests.support.commands import MASTER_KEY, Databases, Server

PLACE = "/var/log/varco/*.log"
ROTATIONS = 3


def documented() -> str:
    """What the chapter says to write into /etc/logrotate.d/varco."""
    found = re.search(rf"```\n({re.escape(PLACE)} {{\n.*?\n}}\n)```", source.read("docs/operations.md"), re.DOTALL)
    assert found
    return found[1]


def test_a_file_is_rotated_while_the_server_writes_it(engine: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir(0o700)
    log, rules = kept / "varco.log", tmp_path / "rules"
    # Uncompressed, to be read here; all else as it stands there.
    rules.write_text(documented().replace(PLACE, f"{kept}/*.log").replace("    compress\n", ""), "ascii")
    rules.chmod(0o600)
    with (
        Databases(engine, tmp_path, migrated=tmp_path / "data") as databases,
        Server(
            "serve",
            log=log,
            data_dir=str(tmp_path / "data"),
            master_keys=MASTER_KEY,
            access_log="all",
            **databases.settings,
        ) as server,
    ):
        worker, asked = server.worker(), 0
        over = threading.Event()

        def ask() -> None:
            nonlocal asked
            with httpx.Client(base_url=server.url) as client:
                while not over.is_set():
                    assert client.get("/healthz").status_code == 200
                    asked += 1

        asking = threading.Thread(target=ask)
        asking.start()
        for turn in range(ROTATIONS):
            before = asked
            while asked < before + 50:
                over.wait(0.01)
            rotated = ["/usr/sbin/logrotate", "--force", "--state", str(tmp_path / "state"), str(rules)]
            run = subprocess.run(rotated, capture_output=True, text=True, timeout=30, check=False)
            assert (run.returncode, run.stderr) == (0, ""), turn
        over.set()
        asking.join()
        httpx.get(f"{server.url}/nowhere-at-last")
        assert server.worker() == worker
        assert server.stop() == 0
    files = [kept / f"varco.log.{turn}" for turn in range(ROTATIONS, 0, -1)]
    assert sorted(kept.iterdir()) == sorted([log, *files])
    told = [file.read_bytes() for file in [*files, log]]
    assert not [text for text in told if b"\0" in text]  # what follows in an emptied file begins at its beginning
    lines = [[json.loads(line) for line in text.splitlines()] for text in told]
    assert all(lines)
    assert "/nowhere-at-last" in {line.get("path") for line in lines[-1]}
    assert "varco.start" in {line["logger"] for line in lines[0]}
