"""A running gate, and whoever signs in through it, as the gate's own tests have them."""

from tests.gate.conftest import app, dario, gate, make_gate, settings_of_gate, signing_keys

__all__ = ["app", "dario", "gate", "make_gate", "settings_of_gate", "signing_keys"]
