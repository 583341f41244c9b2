"""One event loop for the gates of all tests of a process, and PostgreSQL's connections kept on it from one gate to the next.

A gate that starts needs a loop and three connections, and PostgreSQL a process for each, which has to read the catalogue
before its first statement: more than most tests of the gate cost. The gate's connections leave no state behind
(`varco.gate.store.connections`), and those of a gate that ends with a statement still running are closed as ever.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any

import anyio.from_thread
import pytest
from anyio.from_thread import BlockingPortal

from varco.gate.store.connecting import Connector
from varco.gate.store.connections import Connections

KEPT = 2
"""Most connections of a kind that rest between two tests: a race needs more, once."""

_resting: dict[str, list[Any]] = defaultdict(list)
_start_loop = anyio.from_thread.start_blocking_portal
_open_anew = Connector.__call__
_close_all = Connections.close
_loops: list[Any] = []


@cache
def _portal() -> BlockingPortal:
    """The loop, in a thread of its own until `end`."""
    loop = _start_loop("asyncio")
    _loops.append(loop)
    return loop.__enter__()


def end() -> None:
    """Close what rests, and end the loop."""
    for loop in _loops:
        _portal().call(_close_resting)
        loop.__exit__(None, None, None)
    _loops.clear()
    _portal.cache_clear()


async def _close_resting() -> None:
    for connections in _resting.values():
        for connection in connections:
            connection.terminate()
    _resting.clear()


def _kind(connector: Connector) -> str:
    """What two connections have to have in common to stand in for each other."""
    return repr(vars(connector))


async def _open(connector: Connector) -> Any:
    resting = _resting[_kind(connector)]
    while resting:
        connection = resting.pop()
        if not connection.is_closed():
            return connection
    return await _open_anew(connector)


async def _close(connections: Connections) -> None:
    connector: Any = connections._connect
    if not connections._lent:
        resting = _resting[_kind(connector)]
        while connections._idle and len(resting) < KEPT:
            resting.append(connections._idle.pop())
    await _close_all(connections)


@contextmanager
def in_use() -> Iterator[None]:
    """Meanwhile Starlette's test clients start on this loop, and gates take and leave connections there."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(anyio.from_thread, "start_blocking_portal", lambda *_, **__: nullcontext(_portal()))
        patched.setattr(Connector, "__call__", _open)
        patched.setattr(Connections, "close", _close)
        yield
