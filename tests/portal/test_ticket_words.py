"""Tickets in words: every kind, field, choice, state, act and refusal has some; a kind without them shows nothing."""

import inspect
import re
from types import ModuleType

from django.utils import translation

from tests.support import source
from varco.accounts.models import User
from varco.portal.common import ticket_words
from varco.tickets import kinds
from varco.tickets.fields import Asker, FieldType
from varco.tickets.models import Activation, Ticket


def test_every_kind_has_words_for_all_that_it_declares() -> None:
    assert set(ticket_words.KINDS) == set(kinds.BY_CODE)
    asker = Asker(User(email="x@y.example"))
    for kind in kinds.KINDS:
        words = ticket_words.KINDS[kind.code]
        assert set(words.fields) == {field.name for field in kind.fields}, kind.code
        assert bool(words.approve) == bool(words.approving) == kind.decided, kind.code
        for field in kind.fields:
            if field.type in {FieldType.CHOICE, FieldType.CHOICES}:
                bare = {choice.value for choice in field.choices(asker) if not choice.label}
                assert set(words.fields[field.name].choices) == bare, field.name


def test_every_state_and_outcome_has_its_chip() -> None:
    assert set(ticket_words.STATES) == set(Ticket.State.values)
    assert set(ticket_words.OUTCOMES) == set(Ticket.Outcome.values) - {""}
    assert set(ticket_words.ACTIVATIONS) == set(Activation.State.values)


def test_every_act_that_a_thread_tells_has_its_words() -> None:
    code = "\n".join(
        path.read_text("utf-8") for path in source.python("varco") if source.name(path).startswith("varco/tickets/")
    )
    acts = set(re.findall(r'(?:add_act\([^"]*?|act=)"(\w+)"', code)) | {"approved", "refused", "unassigned"}
    assert acts == set(ticket_words.ACTS)
    done = set(re.findall(r'return "(\w+)"', "".join(inspect.getsource(each) for each in _acts())))
    assert done - {""} == set(ticket_words.DONE)


def _acts() -> list[ModuleType]:
    from varco.tickets import activations, factors, integrators, sandboxes

    return [activations, factors, integrators, sandboxes]


def test_a_refusal_without_words_of_its_own_names_its_code() -> None:
    for language, begins in (("en", "it is not possible"), ("it", "allo stato attuale")):
        with translation.override(language):
            assert ticket_words.refusal("tenant_closed").startswith(begins)
            assert "tenant_closed" in ticket_words.refusal("tenant_closed")
            assert "(" not in ticket_words.refusal("inactive")
