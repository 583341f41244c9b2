"""One worker's part: what of it is counted, and by whom."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from varco.ops.metrics import levels, requests
from varco.ops.metrics.levels import Levels, Sampler
from varco.ops.metrics.requests import Observe
from varco.ops.metrics.sample_file import SampleFile, series


class WorkerNumbers:
    """Told of the faces that the worker serves, then opened. `directory` is where its supervisor looks for numbers."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._endpoints: list[str] = []
        self._known: list[Callable[[], Levels]] = []
        self._read: Callable[[], Levels] | None = None
        self._file: SampleFile | None = None

    def of_gate(self, gate: Any) -> None:
        """The gate's addresses, its databases and what waits in it."""
        self._endpoints += gate.addresses
        context = gate.context

        def known() -> Levels:
            found = {
                series("varco_audit_reads_waiting"): context.access_records.waiting,
                series("varco_refusals_waiting"): context.refusal_log.waiting,
            }
            for alias, load in context.stores.loads().items():
                found[series("varco_database_connections", database=alias, state="busy")] = load.busy
                found[series("varco_database_connections", database=alias, state="idle")] = load.idle
                found[series("varco_database_waiting", database=alias)] = load.waiting
            for alias, unwritable in context.stores.unwritable().items():
                found[series("varco_database_unwritable", database=alias)] = int(unwritable)
            return found

        self._known.append(known)

    def of_portal(self, password_forms: Callable[[], tuple[int, int]]) -> None:
        """The portal's forms with a password, and what stands in the databases, which it reads."""

        def known() -> Levels:
            running, waiting = password_forms()
            return {
                series("varco_password_hashes", state="running"): running,
                series("varco_password_hashes", state="waiting"): waiting,
            }

        self._known.append(known)
        self._read = levels.from_databases

    def open(self) -> Observe:
        """Begin with nothing; what counts a request."""
        self._file = SampleFile(
            self._directory, [*requests.every(self._endpoints), *levels.every(portal=self._read is not None)]
        )
        return requests.observer(self._file)

    def sampler(self) -> Sampler:
        """What notes the levels. Call `open` before."""
        if self._file is None:
            raise RuntimeError("open the numbers first")
        return Sampler(self._file, self._known, self._read)
