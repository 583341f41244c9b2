"""The clients the gate knows, each as of a version: a decision made on one proves that version, or is made again.

A kept client may be out of date at any moment. So a statement that writes on its account demands the version it was read
with, a bearer check compares versions, and nobody is refused before the client was read anew.
"""

import msgspec

from varco.gate.store import Database
from varco.gate.store.sql.clients import CLIENT, CLIENT_VERSION, SECRETS
from varco.protocol.client import Client, from_record

KEPT_LIMIT = 2000
"""Most clients kept in memory."""


class ClientCache:
    """Registered applications under their live revision, by client_id."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[str, Client] = {}

    def kept(self, client_id: str) -> Client | None:
        """The client as last read, perhaps out of date."""
        return self._kept.get(client_id)

    async def stands(self, client: Client) -> bool:
        """Whether a client is still as it was read; for an answer that neither reads nor writes anything of its own."""
        row = await self._database.one(CLIENT_VERSION(client_id=client.client_id))
        return row is not None and row.version == client.version

    async def fresh(self, client_id: str) -> Client | None:
        """The client as it stands in the database; None without a live revision."""
        row = await self._database.one(CLIENT(client_id=client_id))
        if row is None:
            self._kept.pop(client_id, None)
            return None
        # Read after the version: should a secret change in between, the version has too, and the next use notices.
        secrets = await self._database.all(SECRETS(application_id=row.application_id))
        record = msgspec.structs.asdict(row)
        record["secrets"] = [(secret.id, secret.digest, secret.expires_at) for secret in secrets]
        client = from_record(record)
        if len(self._kept) >= KEPT_LIMIT:
            self._kept.clear()
        self._kept[client_id] = client
        return client
