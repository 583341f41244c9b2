"""A statement is called with the names of its parameters: all of them, and nothing else."""

import ast
import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from tests.support import source
from varco.gate.store import Schema, Statement
from varco.gate.store.sql import clients, grants


def _resolved(node: ast.expr, module: ModuleType) -> Any:
    """What a dotted name in a module stands for."""
    if isinstance(node, ast.Name):
        return getattr(module, node.id, None)
    return getattr(_resolved(node.value, module), node.attr, None) if isinstance(node, ast.Attribute) else None


def _called() -> Iterator[tuple[str, Statement[Any], ast.Call]]:
    """Calls of statements, and of their `values`, anywhere in the gate."""
    for path in source.python("varco"):
        if path.relative_to(source.ROOT).parts[1] != "gate":
            continue
        module = importlib.import_module(
            source.name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        )
        for node in ast.walk(source.tree(path)):
            if isinstance(node, ast.Call):
                called = node.func
                if isinstance(called, ast.Attribute) and called.attr == "values":
                    called = called.value
                statement = _resolved(called, module)
                if isinstance(statement, Statement):
                    yield f"{source.name(path)}:{node.lineno}", statement, node


def test_every_call_in_the_gate_names_the_parameters_of_its_statement() -> None:
    """Also where no other test goes."""
    seen = set()
    for where, statement, call in _called():
        named = {keyword.arg for keyword in call.keywords if keyword.arg}
        wanted = set(statement.parameters)
        complete = len(named) == len(call.keywords)  # no `**values`
        assert not call.args, where
        assert named == wanted if complete else named <= wanted, (where, named ^ wanted)
        seen.add(statement.name)
    assert {"grants.LIVENESS", "audit.ADD_EVENT", "clients.CLIENT"} <= seen


def test_a_call_names_every_parameter_and_nothing_else() -> None:
    _, values = grants.END_GRANT(reason="withdrawn", id=1, now=2)
    assert values == (2, "withdrawn", 1)
    for wrong in ({"id": 1, "now": 2}, {"id": 1, "now": 2, "reason": "", "why": ""}, {"id": 1, "now": 2, "why": ""}):
        with pytest.raises(TypeError, match=r"grants\.END_GRANT has the parameters now, reason, id"):
            grants.END_GRANT(**wrong)
    assert clients.SPA_REDIRECTS() == (clients.SPA_REDIRECTS, ())


def test_casts_literals_and_quoted_names_are_no_parameters() -> None:
    statement = Statement(
        Schema("scratch"),
        """SELECT ':no', 'it''s :no', ":no", :yes::int, '::', x::text FROM t WHERE a = :yes AND b = :b""",
    )
    assert statement.parameters == ("yes", "b")
    assert (
        statement.postgres
        == """SELECT ':no', 'it''s :no', ":no", $1::int, '::', x::text FROM t WHERE a = $1 AND b = $2"""
    )
    assert (
        statement.sqlite
        == """SELECT ':no', 'it''s :no', ":no", ?1::int, '::', x::text FROM t WHERE a = ?1 AND b = ?2"""
    )
