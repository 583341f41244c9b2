"""Making one connection to PostgreSQL, directly or through a pooler."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import asyncpg

from varco import postgres_url
from varco.gate.store.pooled import PooledConnection, settings_text

logger = logging.getLogger("varco.gate")

AUTO, SESSION, TRANSACTION = "auto", "session", "transaction"
"""VARCO_DATABASE_POOLING."""

_NEXT_HOST = (OSError, TimeoutError, asyncpg.InternalClientError, asyncpg.CannotConnectNowError)


class Connector:
    """Opens connections to the database of a URL.

    `settings`: of each connection. Given with the first message where nothing stands between; PgBouncer refuses that
    message or forgets the settings.
    """

    def __init__(self, url: str, settings: Mapping[str, str], *, command_timeout: float, pooling: str = AUTO) -> None:
        told = postgres_url.parse(url).asyncpg()
        self._own: dict[str, str] = told.pop("server_settings")
        self._timeout: float | None = told.pop("timeout")
        self._hosts: list[tuple[str, int]] = list(zip(told.pop("host"), told.pop("port"), strict=True))
        self._arguments = told | {"command_timeout": command_timeout}
        self._settings = settings
        self._pooling = pooling

    async def __call__(self) -> Any:
        """A new connection. Raises what `asyncpg.connect` raises."""
        if self._pooling == SESSION:
            connection = await self._connect({})
            await connection.execute(settings_text("SET", self._settings))
            return connection
        if self._pooling == AUTO:
            try:
                connection = await self._connect(self._settings)
            except (asyncpg.ProtocolViolationError, asyncpg.FeatureNotSupportedError) as refused:
                if "startup parameter" not in str(refused):
                    raise
            else:
                # The number told at the start is the pooler's where there is one. Asked so, nothing is prepared.
                asked = f"SELECT WHERE pg_backend_pid() = {connection.get_server_pid():d}"
                if await connection.execute(asked) == "SELECT 1":
                    return connection
                await connection.close()
            logger.info("A pooler stands before PostgreSQL: every statement is a transaction of its own")
            self._pooling = TRANSACTION
        connection = await self._connect({}, connection_class=PooledConnection, statement_cache_size=0)
        connection.begin_with(self._settings)
        return connection

    async def _connect(self, settings: Mapping[str, str], **options: Any) -> Any:
        told = {"application_name": "varco gate", **settings, **self._own}
        arguments = self._arguments | options | {"server_settings": told}
        if arguments["target_session_attrs"] == "prefer-standby":  # asks every host before it takes one
            hosts = [self._hosts]
        else:
            hosts = [[place] for place in self._hosts]
        for number, places in enumerate(hosts, 1):
            try:
                async with asyncio.timeout(self._timeout):
                    return await asyncpg.connect(
                        host=[host for host, _ in places], port=[port for _, port in places], timeout=None, **arguments
                    )
            except _NEXT_HOST:
                if number == len(hosts):
                    raise
        raise AssertionError("a URL has at least one host")
