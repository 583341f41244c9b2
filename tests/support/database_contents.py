"""Everything that stands in the databases, as whoever reads them reads it: each column of each table, and what is packed in it."""

import base64
import binascii
import contextlib
import json
import zlib
from collections.abc import Iterator
from typing import Any

from django.db import connections

from tests.conftest import ALIASES

DEPTH = 4  # packed in packed in packed


def texts() -> Iterator[tuple[str, str]]:
    """Every text with the table and column where it stands (`default.mail_message.text`)."""
    for alias in ALIASES:
        connection = connections[alias]
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                columns = [column[0] for column in cursor.description]
                for row in cursor.fetchall():
                    for column, value in zip(columns, row, strict=True):
                        for text in unpacked(value):
                            yield f"{alias}.{table}.{column}", text


def unpacked(value: Any, depth: int = DEPTH) -> Iterator[str]:
    """A value as text, and what it says as JSON, base64, a signed text of Django's or compressed."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from unpacked(name, depth)
            yield from unpacked(each, depth)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from unpacked(each, depth)
    elif isinstance(value, bytes | memoryview):
        yield from _of_octets(bytes(value), depth)
    elif value is not None:
        yield from _of_text(str(value), depth)


def _of_octets(octets: bytes, depth: int) -> Iterator[str]:
    yield from _of_text(octets.decode("utf-8", "replace"), depth)
    if depth:
        with contextlib.suppress(zlib.error):
            yield from _of_octets(zlib.decompress(octets), depth - 1)


def _of_text(text: str, depth: int) -> Iterator[str]:
    yield text
    if not depth:
        return
    if text[:1] in {"{", "[", '"'}:
        with contextlib.suppress(ValueError):
            yield from unpacked(json.loads(text), depth - 1)
    for part in {text, *text.split(":")[:2], *text.lstrip(".").split(":")[:1], text.partition(":")[2]}:
        if len(part) >= 8:
            yield from _of_base64(part, depth)


def _of_base64(text: str, depth: int) -> Iterator[str]:
    try:
        octets = base64.b64decode(text.strip().rstrip("=").translate({45: 43, 95: 47}) + "===", validate=False)
    except (binascii.Error, ValueError):
        return
    if octets:
        yield from _of_octets(octets, depth - 1)
