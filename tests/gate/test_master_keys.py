"""What a gate says and sees of its master keys while they are replaced."""

import base64
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import MASTERS, MakeGate, core_of, on_its_loop, refresh, tokens
from tests.support import people
from tests.support.people import Registered
from varco import sealing
from varco.accounts.models import User
from varco.gate import master_keys
from varco.gate.app import create
from varco.gate.context import GateContext
from varco.keys.models import MasterKeyUse, SigningKey
from varco.keys.queries import master_ids
from varco.protocol import dpop

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

OTHER = b"x" * 32


def factor(user: User, master: bytes, kind: str = "totp") -> None:
    from allauth.mfa.models import Authenticator

    stored = base64.urlsafe_b64encode(sealing.seal((master,), "second-factor", b"secret")).decode()
    data = {"secret": stored} if kind == "totp" else {"seed": stored, "used_mask": 0}
    Authenticator.objects.create(user=user, type=kind, data=data)


@pytest.mark.parametrize("kind", ["totp", "recovery_codes"])
def test_a_gate_under_whose_keys_no_second_factor_opens_is_not_ready(
    gate: TestClient, dario: User, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(master_keys, "LOOK_EVERY", 0)
    assert gate.get("/readyz").json()["parts"]["factors"] == "ok"
    factor(dario, OTHER, kind)
    answer = gate.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["factors"]) == (503, "failing")
    factor(people.marta(), MASTERS[0])  # one that does not open is its person's trouble, no server's
    assert gate.get("/readyz").status_code == 200


def test_a_gate_that_lacks_the_key_that_signing_keys_were_resealed_under_is_not_ready(gate: TestClient) -> None:
    """It signs with what it has read before, and could not be started again."""
    assert gate.get("/readyz").json()["parts"]["keys"] == "ok"
    for key in SigningKey.objects.all():
        der = sealing.open_sealed(MASTERS, "signing-key", bytes(key.sealed_private), key.kid.encode())
        key.sealed_private = sealing.seal((OTHER,), "signing-key", der, key.kid.encode())
        key.save()
    context = core_of(gate)
    on_its_loop(gate, context.keyring.refresh, context.now_ms())
    answer = gate.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["keys"]) == (503, "failing")
    assert context.keyring.ready


def test_a_gate_notes_which_master_key_stands_in_front(
    gate: TestClient, settings_of_gate: Any, frozen: FrozenClock
) -> None:
    (noted,) = MasterKeyUse.objects.all()
    assert (noted.kid, noted.first_seen, noted.in_front_until) == (master_ids(MASTERS)[0], *[frozen.seconds] * 2)
    began = frozen.seconds
    frozen.advance(600)
    with TestClient(create(settings_of_gate(), (OTHER, *MASTERS), clock_ms=frozen)):
        uses = {use.kid: use for use in MasterKeyUse.objects.all()}
    front, behind = (uses[kid] for kid in master_ids((OTHER, *MASTERS)))
    assert (front.first_seen, front.in_front_until) == (frozen.seconds, frozen.seconds)
    assert (behind.first_seen, behind.in_front_until) == (began, began)


def test_while_keys_are_replaced_each_gate_takes_what_the_other_made(
    make_gate: MakeGate, settings_of_gate: Any, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    before = make_gate()
    before_in_two = GateContext(settings_of_gate(), (*MASTERS, OTHER), frozen)
    with TestClient(create(settings_of_gate(), (OTHER, *MASTERS), clock_ms=frozen)) as after:
        nonce = dpop.nonce(core_of(after).nonce_keys[0], frozen.seconds)
        assert nonce in dpop.accepted_nonces(before_in_two.nonce_keys, frozen.seconds)
        token = tokens(before, dario, app)["refresh_token"]
        token = refresh(after, app, token).json()["refresh_token"]
        assert token.split(".")[1] == master_ids((OTHER,))[0]
        decoded = before_in_two.refresh_tokens.decode(token, app.client_id)
        assert decoded
        assert decoded[1] == 2
    assert on_its_loop(before, core_of(before).master_keys.open_factors)
