"""How the engines carry the gate's statements out: what they read, and in which order they join."""

import json
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import asyncpg

from varco.databases import SQLITE_PRAGMAS
from varco.gate.store import Statement
from varco.gate.store.postgres import server_settings


class Plan:
    """How an engine carries a statement out: the tables in their order, by alias, and what it reads of whole ones."""

    def __init__(self, statement: Statement[Any], tables: list[str], scans: list[str]) -> None:
        text = _without_subqueries(statement.postgres) if statement.postgres.startswith("SELECT") else ""
        self.written = re.findall(r"(?:FROM|JOIN) \w+ (\w+)(?= (?:JOIN|ON|LEFT))", text)
        self.tables = [table for table in tables if table in self.written]
        self.scans = scans


def _without_subqueries(text: str) -> str:
    """The text without what stands in parentheses."""
    while (shorter := re.sub(r"\([^()]*\)", "", text)) != text:
        text = shorter
    return text


def sqlite_plans(path: str, statements: list[Statement[Any]]) -> dict[str, Plan]:
    there = sqlite3.connect(path)
    try:
        there.executescript(SQLITE_PRAGMAS)
        found = {}
        for statement in statements:
            values = (None,) * len(statement.parameters)
            steps = [step for *_, step in there.execute(f"EXPLAIN QUERY PLAN {statement.sqlite}", values).fetchall()]
            tables = [step.split()[1] for step in steps if step.startswith(("SEARCH", "SCAN"))]
            scans = [step for step in steps if step.startswith("SCAN") and step != "SCAN CONSTANT ROW"]
            found[statement.name] = Plan(statement, tables, scans)
        return found
    finally:
        there.close()


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for further in plan.get("Plans", ()):
        yield from _steps(further)


def _is_scan(step: dict[str, Any]) -> bool:
    kind = step["Node Type"]
    if kind in {"Index Scan", "Index Only Scan"}:
        return "Index Cond" not in step
    return kind in {"Seq Scan", "Merge Join", "Hash Join"}


async def postgres_plans(url: str, statements: list[tuple[Statement[Any], tuple[Any, ...]]]) -> dict[str, Plan]:
    """Of plans for these values, and of plans for any: PostgreSQL goes over to those after some runs."""
    there = await asyncpg.connect(url, server_settings=server_settings())
    try:
        found: dict[str, Plan] = {}
        for statement, values in statements:
            types = [kind.name for kind in (await there.prepare(statement.postgres)).get_parameters()]
            await there.execute(f"PREPARE hot ({', '.join(types)}) AS {statement.postgres}")
            literals = ", ".join(f"'{value}'" for value in values)  # numbers and identifiers of our own making
            for mode in ("force_custom_plan", "force_generic_plan"):
                await there.execute(f"SET plan_cache_mode = {mode}")
                told = await there.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE hot ({literals})")
                steps = list(_steps(json.loads(told)[0]["Plan"]))
                tables = [step["Alias"] for step in steps if "Alias" in step]
                scans = [f"{step['Node Type']} {step.get('Relation Name', '')}" for step in steps if _is_scan(step)]
                found[f"{statement.name}, {mode}"] = Plan(statement, tables, scans)
            await there.execute("DEALLOCATE hot")
        return found
    finally:
        await there.close()


def sqlite_steps(path: str, statements: list[tuple[Statement[Any], tuple[Any, ...]]]) -> dict[str, int]:
    """Steps of SQLite's machine that each statement takes to its last row, in hundreds rounded down; nothing stays written."""
    there = sqlite3.connect(path, isolation_level=None)
    taken = 0

    def hundred_more() -> int:
        nonlocal taken
        taken += 100
        return 0

    try:
        there.executescript(SQLITE_PRAGMAS)
        found = {}
        for statement, values in statements:
            there.execute("BEGIN")
            there.set_progress_handler(hundred_more, 100)
            taken = 0
            there.execute(statement.sqlite, values).fetchall()
            found[statement.name] = taken
            there.set_progress_handler(None, 0)
            there.execute("ROLLBACK")
        return found
    finally:
        there.close()


async def postgres_rows_read(url: str, statements: list[tuple[Statement[Any], tuple[Any, ...]]]) -> dict[str, int]:
    """Rows that each statement reads from tables and indexes, those it passes over included; nothing stays written."""
    there = await asyncpg.connect(url, server_settings=server_settings())
    try:
        found: dict[str, int] = {}
        for statement, values in statements:
            types = [kind.name for kind in (await there.prepare(statement.postgres)).get_parameters()]
            await there.execute(f"PREPARE long ({', '.join(types)}) AS {statement.postgres}")
            literals = ", ".join("NULL" if value is None else f"'{value}'" for value in values)
            for mode in ("force_custom_plan", "force_generic_plan"):
                await there.execute(f"SET plan_cache_mode = {mode}")
                await there.execute("BEGIN")
                told = await there.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE long ({literals})")
                await there.execute("ROLLBACK")
                found[f"{statement.name}, {mode}"] = sum(map(_rows_read, _steps(json.loads(told)[0]["Plan"])))
            await there.execute("DEALLOCATE long")
        return found
    finally:
        await there.close()


def _rows_read(step: dict[str, Any]) -> int:
    # A bitmap's heap scan reads what its index scans found, each of them counted.
    if "Scan" not in step["Node Type"] or step["Node Type"] == "Bitmap Heap Scan":
        return 0
    passed_over = sum(step.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
    return int((step["Actual Rows"] + passed_over) * step["Actual Loops"])
