"""Installations for a measurement in one process: new ones that go afterwards, or one that is filled once and measured again."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import server
from bench.__main__ import environment

_DATABASES = ("platform", "clinic", "sandbox")


@contextlib.contextmanager
def installation(engine: str, keep: Path | None) -> Iterator[bool]:
    """An installation with its tables, which Django of this process has been started with; whether it was filled before.

    One to `keep` counts as filled when the first `with` of it ended without a fault.
    """
    with contextlib.ExitStack() as stack:
        within = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="varco-bench-")))
        directory, settings = within / f"{engine}-data", within / f"{engine}.json"
        cluster_directory = within / "postgres" if keep else None
        for made in (directory, cluster_directory if engine == "postgres" else None):
            if made:
                made.mkdir(mode=0o700, parents=True, exist_ok=True)
        cluster = stack.enter_context(server.databases(engine, cluster_directory))
        filled = settings.exists()
        if filled:
            chosen: dict[str, str] = json.loads(settings.read_text(encoding="utf-8"))
            chosen |= {f"VARCO_{name.upper()}_DATABASE": cluster.url(name) for name in _DATABASES} if cluster else {}
        else:
            chosen = environment(directory, cluster)
        os.umask(0o077)
        os.environ.update(chosen, VARCO_SECOND_FACTOR_ROLES="none")
        from varco.ops.environment import start_django
        from varco.ops.migrate import migrate

        start_django()
        migrate(verbose=False)
        yield filled
        settings.write_text(json.dumps(chosen), encoding="utf-8")
