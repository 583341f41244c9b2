"""Every statement of the gate fits the migrated schema of this run's engine."""

import asyncio

import pytest

from varco import config
from varco.gate.store import Stores
from varco.gate.store import statements as sql

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


def test_every_statement_prepares(database_urls: dict[str, str]) -> None:
    environment = {"VARCO_ISSUER": "http://localhost:8000"}
    environment |= {f"VARCO_{alias.upper()}_DATABASE": url for alias, url in database_urls.items()}

    async def prepare() -> int:
        stores = Stores(config.load(environment))
        await stores.open()
        try:
            for statement in sql.PLATFORM:
                await stores.platform.prepare(statement)
            for alias in ("clinic", "sandbox"):
                for statement in sql.CLINIC:
                    await stores.clinics[alias].prepare(statement)
        finally:
            await stores.close()
        return len(sql.PLATFORM)

    assert asyncio.run(prepare()) > 10
