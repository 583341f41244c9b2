"""Requests: how many, by address and outcome, and how long they took until the answer began."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import Any

from varco.ops.metrics.sample_file import SampleFile, Series, series

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends in seconds; what takes longer is in one more."""

OUTCOMES = ("success", "redirect", "refused", "limited", "failed")
"""2xx, 3xx, 4xx but for 429, 429, and 5xx."""

REQUESTS, BUCKET, SECONDS = "varco_requests", "varco_request_seconds_bucket", "varco_request_seconds_sum"

AREAS = (
    "account", "clinic", "demo", "developer", "device", "docs", "help", "manage", "oauth2/authorize", "oauth2/logout", "staff", "static",
)  # fmt: skip
"""The portal's pages, by how their addresses begin."""

ROOT, OTHER = "/", "other"

Observe = Callable[[MutableMapping[str, Any], int, float], None]


def label(area: str) -> str:
    """How an area of the portal is called among the endpoints."""
    return f"/{area}/*"


def every(endpoints: Iterable[str]) -> Iterator[Series]:
    """The series of requests, those of one endpoint side by side."""
    for endpoint in dict.fromkeys([*endpoints, ROOT, *map(label, AREAS), OTHER]):
        yield from (series(REQUESTS, endpoint=endpoint, outcome=outcome) for outcome in OUTCOMES)
        yield from (series(BUCKET, endpoint=endpoint, le=str(end)) for end in (*BUCKETS, "+Inf"))
        yield series(SECONDS, endpoint=endpoint)


def observer(file: SampleFile) -> Observe:
    """What counts one request, from its scope, its status and its seconds. On the path of every one of them: 0.7 µs."""
    numbers = file.numbers
    first, seconds_at = len(OUTCOMES), len(OUTCOMES) + len(BUCKETS) + 1
    begins = {
        dict(item.labels)["endpoint"]: place
        for item, place in file.places.items()
        if item.family == REQUESTS and dict(item.labels)["outcome"] == OUTCOMES[0]
    }
    of_status = {status: _outcome(status) for status in range(100, 600)}

    def observe(scope: MutableMapping[str, Any], status: int, seconds: float) -> None:
        place = begins.get(scope["path"])
        if place is None:
            place = begins[scope.get("varco.endpoint") or _area(scope["path"])]
        numbers[place + of_status[status]] += 1
        numbers[place + first + bisect_left(BUCKETS, seconds)] += 1
        numbers[place + seconds_at] += seconds

    return observe


def _outcome(status: int) -> int:
    if status == 429:
        return 3
    return (0, 0, 1, 2, 4)[status // 100 - 1]


def _area(path: str) -> str:
    segments = path.split("/", 3)
    if len(segments) == 1:  # `*` and what CONNECT asks for
        return OTHER
    for area in (segments[1], "/".join(segments[1:3])):
        if area in _AREAS:
            return label(area)
    return OTHER


_AREAS = frozenset(AREAS)
