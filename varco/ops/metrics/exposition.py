"""`/metrics`: the workers' numbers added up, in the format of Prometheus, from a thread of the process that supervises them."""

import os
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

import varco
from varco.ops.metrics import requests, sample_file
from varco.ops.metrics.requests import BUCKET, REQUESTS, SECONDS
from varco.ops.metrics.sample_file import Series
from varco.ops.version import build_id

HELP = {
    "varco_database_connections": "Connections to a PostgreSQL database, lent to a statement or idle.",
    "varco_database_waiting": "Statements that wait for a connection, or for SQLite's writer.",
    "varco_database_unwritable": "1 from a commit that failed until one succeeds, in any worker.",
    "varco_databases_read": "1 if every worker of the portal could read the databases when it last looked.",
    "varco_audit_reads_waiting": "Reads of clinical data that wait for their event to be committed.",
    "varco_audit_unlinked_seconds": "Age of the oldest event or access record that is not linked into its chain.",
    "varco_audit_ends_altered": "Chains whose end was changed by hand and which rows wait to be linked to.",
    "varco_refusals_waiting": "Refused requests that are not yet in the developers' trace.",
    "varco_password_hashes": "Forms with a password that are worked on, or wait for it.",
    "varco_mail_waiting": "Mails not sent yet.",
    "varco_mail_oldest_seconds": "Age of the oldest mail not sent yet.",
    "varco_mail_given_up": "Mails of the last week that are not tried again.",
    "varco_logout_notices_waiting": "Logout notices not delivered yet.",
    "varco_logout_notices_oldest_seconds": "Age of the oldest logout notice not delivered yet.",
    "varco_logout_notices_given_up": "Logout notices of the last week that are not tried again.",
    "varco_signal_pushes_waiting": "Signals not pushed yet, of streams that are enabled.",
    "varco_signal_pushes_oldest_seconds": "Age of the oldest signal not pushed yet.",
    "varco_signal_pushes_given_up": "Signals of the last week that are not pushed again.",
    "varco_reviews_waiting": "Registrations that wait for review.",
    "varco_reviews_late": "Those that wait longer than they should.",
    "varco_signing_key_seconds_left": "Seconds until the key that signs now stops to.",
    "varco_signing_key_successors": "1 if the next signing key is published.",
}
"""Of the levels; how they are added up stands in `_SUMMED` and `_LEAST`, all others are the same in each worker: the most counts."""

_SUMMED = {
    "varco_database_connections", "varco_database_waiting", "varco_audit_reads_waiting", "varco_refusals_waiting",
    "varco_password_hashes",
}  # fmt: skip
_LEAST = {"varco_databases_read", "varco_signing_key_seconds_left", "varco_signing_key_successors"}
_TICKS, _PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


class Workers(Collector):
    """The numbers of all workers of a supervisor, whose files stand in `directory`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def collect(self) -> Iterator[Metric]:
        """The families, each as it is now."""
        living: list[dict[Series, float]] = []
        counted: dict[Series, float] = defaultdict(float)
        processes: list[int] = []
        for path in sorted(self._directory.glob(f"*{sample_file.SUFFIX}")):
            try:
                numbers = sample_file.read(path)
            except (OSError, ValueError, struct.error):  # it is not whole: the others still count
                continue
            for item in numbers:
                if item.family in {REQUESTS, BUCKET, SECONDS}:
                    counted[item] += numbers[item]
            process = sample_file.process_of(path)
            if Path(f"/proc/{process}").exists():
                living.append(numbers)
                processes.append(process)
        yield GaugeMetricFamily("varco_workers", "Workers that live.", value=len(living))
        build = GaugeMetricFamily("varco_build_info", "Version and build of the code.", labels=["version", "build"])
        build.add_metric([varco.__version__, build_id()], 1)
        yield build
        yield from _processes(processes)
        yield from _requests(counted)
        yield from _levels(living)


def _requests(counted: dict[Series, float]) -> Iterator[Metric]:
    requested = CounterMetricFamily(
        "varco_requests", "Requests answered, by address and outcome.", labels=["endpoint", "outcome"]
    )
    took = HistogramMetricFamily(
        "varco_request_seconds", "Seconds until an answer began, by address.", labels=["endpoint"]
    )
    ends = [*map(str, requests.BUCKETS), "+Inf"]
    buckets: dict[str, dict[str, float]] = defaultdict(dict)
    sums: dict[str, float] = {}
    for item, value in counted.items():
        labels = dict(item.labels)
        if item.family == REQUESTS:
            requested.add_metric([labels["endpoint"], labels["outcome"]], value)
        elif item.family == BUCKET:
            buckets[labels["endpoint"]][labels["le"]] = value
        else:
            sums[labels["endpoint"]] = value
    for endpoint, found in buckets.items():
        so_far, cumulative = 0.0, []
        for end in ends:
            so_far += found.get(end, 0.0)
            cumulative.append((end, so_far))
        took.add_metric([endpoint], cumulative, sums.get(endpoint, 0.0))
    yield requested
    yield took


def _levels(living: list[dict[Series, float]]) -> Iterator[Metric]:
    families: dict[str, GaugeMetricFamily] = {}
    for item in dict.fromkeys(item for numbers in living for item in numbers):
        if item.family not in HELP:
            continue
        labels = dict(item.labels)
        family = families.setdefault(
            item.family, GaugeMetricFamily(item.family, HELP[item.family], labels=list(labels))
        )
        values = [numbers[item] for numbers in living if item in numbers]
        total = sum(values) if item.family in _SUMMED else min(values) if item.family in _LEAST else max(values)
        family.add_metric(list(labels.values()), total)
    yield from families.values()


def _processes(workers: Iterable[int]) -> Iterator[Metric]:
    """What the workers that live take of the machine (proc(5))."""
    seconds, memory = 0.0, 0
    for process in workers:
        with suppress(OSError):  # it ended a moment ago
            fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(") ")[2].split()
            seconds += (int(fields[11]) + int(fields[12])) / _TICKS
            memory += int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1]) * _PAGE
    yield GaugeMetricFamily("varco_workers_cpu_seconds", "CPU seconds of the workers that live.", value=seconds)
    yield GaugeMetricFamily("varco_workers_resident_bytes", "Resident memory of the workers that live.", value=memory)


def serve(directory: Path, host: str, port: int) -> None:
    """Answer at `http://host:port/metrics` from a thread, as long as this process lives. Raises `OSError` if the port is taken."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Workers(directory))
    start_http_server(port, addr=host, registry=registry)
