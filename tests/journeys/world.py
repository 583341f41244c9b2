"""The demo's world by its manifest: who is who, which applications there are, and browsers to be someone with."""

from typing import Any

from tests.journeys.person import Person
from tests.journeys.server import Demo


class World:
    """One running demo, seen from outside."""

    def __init__(self, demo: Demo, **transport: Any) -> None:
        self.demo = demo
        self.transport = transport
        self.issuer: str = demo.manifest["issuer"]
        self.api: str = demo.manifest["api"]

    def _named(self, kind: str, key: str) -> dict[str, Any]:
        return next(item for item in self.demo.manifest[kind] if item["key"] == key)

    def person(self, key: str) -> Person:
        """Somebody of the demo at a new browser, not signed in. Use it in a `with` block."""
        account = self._named("accounts", key)
        return Person(self.issuer, account["email"], account["password"], **self.transport)

    def client(self, key: str) -> dict[str, Any]:
        return self._named("applications", key)

    def tenant(self, key: str) -> str:
        return str(self._named("tenants", key)["id"])

    def address(self, path: str) -> str:
        return f"{self.issuer}{path}"
