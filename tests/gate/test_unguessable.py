"""What must not be guessed is random in 256 bits, where RFC 6749 §10.10 asks for 160; how long it is, is documented."""

import re

import pytest
from starlette.testclient import TestClient

from tests.gate.conftest import EVERY_GRANT_TYPE, tokens
from tests.support import people, registrations, source
from tests.support.authorization_pages import answer_of, consent_page, parameters, signed_in
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.protocol.jose import base64url
from varco.registry import services

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


def bits(text: str) -> int:
    return 8 * len(base64url.decode(text))


def test_codes_secrets_and_references_have_256_bits_and_never_repeat(gate: TestClient, dario: User) -> None:
    davide, olga = people.davide(), people.olga()
    app = people.application(davide, grant_types=EVERY_GRANT_TYPE)
    registered = registrations.approved(davide, olga)
    auth = (app.client_id, app.secret)
    browser = signed_in(dario)
    seen: set[str] = set()
    for _ in range(3):
        secret = services.create_secret(registered, Origin(davide), label="one").text
        code = answer_of(consent_page(browser, app, prompt="consent").accept())["code"]
        pushed = gate.post("/oauth2/par", data=parameters(app, client_id=None), auth=auth).json()["request_uri"]
        device = gate.post("/oauth2/device_authorization", data={"scope": "openid"}, auth=auth).json()["device_code"]
        found = {
            secret.removeprefix("varco-secret.")[:43],
            code.removeprefix("vac."),
            pushed.rpartition(":")[2],
            device[-43:],
        }
        assert {bits(text) for text in found} == {256}
        assert len(found) == 4
        assert found.isdisjoint(seen)
        seen |= found


def test_a_refresh_token_has_a_random_name_and_a_code_over_it(gate: TestClient, dario: User, app: Registered) -> None:
    names = set()
    for _ in range(3):
        prefix, _, name, number, code = tokens(gate, dario, app)["refresh_token"].split(".")
        assert (prefix, number, 4 * len(name), bits(code)) == ("vrt", "1", 128, 256)
        names.add(name)
    assert len(names) == 3


def test_everything_issued_is_as_long_as_documented(gate: TestClient, dario: User) -> None:
    davide = people.davide()
    registered = registrations.approved(davide, people.olga())
    app = people.application(davide, grant_types=EVERY_GRANT_TYPE)
    auth = (app.client_id, app.secret)
    issued = {"client_id": registered.client_id, "client_secret": app.secret} | tokens(gate, dario, app)
    issued["code"] = answer_of(consent_page(signed_in(dario), app).accept())["code"]
    issued |= gate.post("/oauth2/par", data=parameters(app, client_id=None), auth=auth).json()
    issued |= gate.post("/oauth2/device_authorization", data={"scope": "openid"}, auth=auth).json()
    documented = re.findall(r"^- `(\w+)`: (\d+)$", source.read("docs/conformance/rfc6749.md"), re.MULTILINE)
    assert len(documented) == 9
    for name, longest in documented:
        assert len(issued[name]) <= int(longest), f"{name}: {len(issued[name])}"
        assert len(issued[name]) == int(longest) or name in {"refresh_token", "access_token", "id_token"}, name
