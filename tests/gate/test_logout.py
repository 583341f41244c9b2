"""What the metadata says of signing out."""

import pytest
from starlette.testclient import TestClient

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


def test_the_metadata_tells_where_to_sign_out(gate: TestClient) -> None:
    for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        assert gate.get(path).json()["end_session_endpoint"] == "http://localhost:8000/oauth2/logout"
