"""A line of the log in either format, what a start tells of addresses, and how loud each logger is."""

import json
import logging
import sys

import pytest

from varco import config
from varco.ops import logs, start_line
from varco.protocol.errors import storable

FORMATTERS = [logs.JsonFormatter(), logs.TextFormatter()]
ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029\x1b\x7f\u202e\ud800"
KEY = "Nobody-Reads-This_1x"


def record(message: str, *, logger: str = "varco.test", **extra: object) -> logging.LogRecord:
    made = logging.getLogger(logger).makeRecord(logger, logging.INFO, "f.py", 1, message, (), None, extra=extra)
    made.created, made.msecs = 1_800_000_000.25, 250.0
    return made


def text(message: str, *, logger: str = "varco.test", **extra: object) -> str:
    return logs.TextFormatter().format(record(message, logger=logger, **extra))


def test_a_line_of_text_is_read_from_left_to_right() -> None:
    line = text("mail 7 was not sent", message_id=7, error="refused: no such person", note="", nothing=None, late=True)
    assert line == (
        '2027-01-15T08:00:00Z INFO varco.test mail 7 was not sent message_id=7 error="refused: no such person" late=true'
    )


def test_a_request_is_told_once_in_a_line_of_text() -> None:
    facts = {"request_id": "r1", "method": "GET", "path": "/x", "status": 200, "ms": 1.5, "ip": "::1", "client_id": ""}
    line = text("GET /x 200", logger="varco.access", **facts)
    assert line == "2027-01-15T08:00:00Z INFO varco.access GET /x 200 request_id=r1 ms=1.5 ip=::1"


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize("end", ENDS)
def test_nothing_that_ends_a_line_or_moves_a_cursor_gets_out(formatter: logging.Formatter, end: str) -> None:
    forged = f"x{end}2026-11-27T22:58:24Z ERROR varco.start forged"
    made = record(forged, note=forged)
    try:
        raise ValueError(forged)
    except ValueError:
        made.exc_info = sys.exc_info()
    line = formatter.format(made)
    assert line.isprintable()
    line.encode()  # a surrogate would end in a traceback of logging's own


@pytest.mark.parametrize("character", [*ENDS, "\U000e0001", "😀", '"', "\\"])
def test_what_was_escaped_can_be_read_back(character: str) -> None:
    assert json.loads(logs.JsonFormatter().format(record(f"a{character}b")))["message"] == f"a{character}b"
    assert json.loads(text("m", note=f"a{character}b").partition("note=")[2]) == f"a{character}b"


@pytest.mark.parametrize("message", ["GET /x request_id=1 200", 'GET /x" status=1 200', "a\nb"])
def test_a_message_holds_no_field_of_its_own(message: str) -> None:
    line = text(message, request_id="r1")
    quoted = json.dumps(message)
    assert line == f"2027-01-15T08:00:00Z INFO varco.test {quoted} request_id=r1"


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize(
    "path",
    [
        f"/account/password/reset/key/3-{KEY}/",
        f"/account/password/reset/key/3-{KEY}/more/{KEY}",
        f"/account/confirm-email/MQ:1x:{KEY}/",
        f"https://login.example.org/account/confirm-email/{KEY}/?next=/",
        f"//account//confirm-email/{KEY}",
        f"%2Faccount%2Fpassword%2freset%2Fkey%2F3-{KEY}%2F",
        f"/account/invitation/?token=vin.{KEY}{KEY}",
    ],
)
def test_links_that_work_once_are_in_no_message_no_field_and_no_exception(
    formatter: logging.Formatter, path: str
) -> None:
    made = record(f"Internal Server Error: {path}", path=path)
    try:
        raise RuntimeError(f"at {path!r}")
    except RuntimeError:
        made.exc_info = sys.exc_info()
    line = formatter.format(made)
    assert KEY not in line
    assert line.count("[redacted]") >= 3
    assert KEY not in storable(path)  # what the trace keeps


def test_what_stands_around_such_a_link_stays() -> None:
    assert logs.redact(f"GET /account/confirm-email/{KEY}/ 404") == "GET /account/confirm-email/[redacted] 404"
    for path in ("/account/confirm-email/", "/account/password/reset/", "/account/email/", "/accounts/key/x"):
        assert logs.redact(f"GET {path} 200") == f"GET {path} 200"


@pytest.mark.parametrize("piece", ["/account", "/", "%2F", "/account/", "/account/password/reset/key", "//account//"])
def test_looking_for_such_links_reads_an_address_once(piece: str) -> None:
    assert logs.redact("account" + piece * (500_000 // len(piece)))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////var/lib/varco/platform.sqlite3", "sqlite /var/lib/varco/platform.sqlite3"),
        ("postgresql://varco:hidden@db1,db2:5433/platform?sslmode=require", "postgresql db1:5432,db2:5433 platform"),
        ("postgresql://varco@[2001:db8::5]/platform?password=hidden", "postgresql [2001:db8::5]:5432 platform"),
        ("postgres:///platform?user=hidden", "postgresql /var/run/postgresql:5432 platform"),
    ],
)
def test_a_database_is_named_without_who_signs_in(url: str, said: str) -> None:
    assert start_line.database(url) == said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "none"),
        ("smtps://varco:hidden@mail.example.org", "smtps://mail.example.org"),
        ("smtp://varco%40example.org:hidden@[2001:db8::25]:2525", "smtp://[2001:db8::25]:2525"),
    ],
)
def test_a_mail_server_is_named_without_who_signs_in(url: str, said: str) -> None:
    assert start_line.mail_server(url) == said


@pytest.mark.parametrize(
    ("level", "server", "answers"),
    [
        ("DEBUG", "INFO", "INFO"),
        ("INFO", "INFO", "WARNING"),
        ("WARNING", "WARNING", "WARNING"),
        ("ERROR", "ERROR", "WARNING"),
    ],
)
def test_answers_that_nobody_waited_for_are_told_at_debug_only(level: str, server: str, answers: str) -> None:
    loggers = logs.dictionary(level)["loggers"]
    assert (loggers["_granian"]["level"], loggers["_granian.asgi.io"]["level"]) == (server, answers)


def test_a_format_that_is_none_is_refused() -> None:
    with pytest.raises(config.ConfigError, match="VARCO_LOG_FORMAT: must be json or text"):
        config.load({"VARCO_ISSUER": "https://login.example.org", "VARCO_LOG_FORMAT": "logfmt"})
