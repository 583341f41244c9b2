"""Logs are JSON and hold no secret, whoever wrote the message."""

import asyncio
import json
import logging
import sys
from types import SimpleNamespace

import pytest
from starlette.types import Message, Receive, Scope, Send

from varco.ops import access_log, logs

SECRETS = {
    "client secret": "vs.3q2-7wEjRWeJq83vmrzN0xZ1sYkT9uLpGhIoVbQnMcA",
    "authorization code": "vac.9fJ2kLmN0pQrStUvWxYz1234567890abcdefGHIJKLM",
    "refresh token": "vrt.1a2b3c4d.0123456789abcdef0123456789abcdef.4.c29tZS1tYWMtb2YtdGhpcnR5LXR3by1ieXRlcw",
    "access token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c2VyLTEifQ.MEUCIQDxyz-abc_123",
    "password": "benvenuti-al-varco",
}


@pytest.mark.parametrize("secret", [value for name, value in SECRETS.items() if name != "password"])
@pytest.mark.parametrize(
    "around", ["{}", "refused {} from agenda", "Authorization: Bearer {}", "https://a.example/?x={}&y=1"]
)
def test_a_token_is_not_logged_wherever_it_stands(secret: str, around: str) -> None:
    assert secret[8:24] not in logs.redact(around.format(secret))


@pytest.mark.parametrize(
    "text",
    [
        "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA&x=1",
        "POST client_secret=SplxlOBeZQQYbYS6WxSbIA",
        '{"password": "SplxlOBeZQQYbYS6WxSbIA"}',
        "{'code_verifier': 'SplxlOBeZQQYbYS6WxSbIA'}",
        'body was "{\\"refresh_token\\": \\"SplxlOBeZQQYbYS6WxSbIA\\"}"',
        "Authorization: Basic SplxlOBeZQQYbYS6WxSbIA",
        "Cookie: varco_session=SplxlOBeZQQYbYS6WxSbIA; varco_csrf=other",
        "connecting to postgresql://varco:SplxlOBeZQQYbYS6WxSbIA@db.internal:5432/platform",
        "VARCO_SMTP_URL=smtps://mailer:SplxlOBeZQQYbYS6WxSbIA@mail.example",
        "csrfmiddlewaretoken=SplxlOBeZQQYbYS6WxSbIA",
    ],
)
def test_the_value_beside_a_secret_name_is_not_logged(text: str) -> None:
    redacted = logs.redact(text)
    assert "SplxlOBeZQQYbYS6WxSbIA" not in redacted
    assert "[redacted]" in redacted


@pytest.mark.parametrize(
    "text",
    [
        "invalid_grant at /oauth2/token: the code was used before",
        "status_code=400 path=/oauth2/authorize",
        "database postgresql://db.internal:5432/platform does not answer",
        "error code: unsupported_grant_type",
        "signing key es256-0123456789ab made",
    ],
)
def test_what_is_not_secret_stays_readable(text: str) -> None:
    assert logs.redact(text) == text


def formatted(record: logging.LogRecord) -> dict[str, object]:
    line = logs.JsonFormatter().format(record)
    assert "\n" not in line
    return dict(json.loads(line))


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.getLogger("varco.test").makeRecord(
        "varco.test", logging.INFO, "f.py", 1, message, (), None, extra=extra
    )
    made.created, made.msecs = 1_800_000_000.25, 250.0
    return made


def test_a_line_is_one_json_object_with_the_moment_and_the_fields_given() -> None:
    line = formatted(record("hello\nworld", request_id="r1", status=400, ms=1.5, request=object()))
    assert line == {
        "at": "2027-01-15T08:00:00.250Z",
        "level": "INFO",
        "logger": "varco.test",
        "message": "hello\nworld",
        "request_id": "r1",
        "status": 400,
        "ms": 1.5,
    }


def test_what_django_logs_about_a_request_carries_its_id() -> None:
    line = formatted(record("Internal Server Error: /x", request=SimpleNamespace(request_id="r2")))
    assert line["request_id"] == "r2"


def test_fields_and_exceptions_are_redacted_too() -> None:
    made = record("failed", note=f"sent {SECRETS['client secret']}")
    try:
        raise ValueError(f"bad token {SECRETS['refresh token']}")
    except ValueError:
        made.exc_info = sys.exc_info()
    line = formatted(made)
    assert line["note"] == "sent [redacted]"
    assert "ValueError: bad token [redacted]" in str(line["exception"])


@pytest.mark.parametrize("piece", ["a.", "a-", "set-", "vs.", "eyJaaaaaaaa.", "code ", "basic ", "a://", "cookie:"])
def test_what_a_stranger_may_write_into_the_log_is_read_once(piece: str) -> None:
    """Half a megabyte: an expression that tries every place with all of the rest would not come back for minutes."""
    assert logs.redact("/" + piece * (500_000 // len(piece)))


async def unused() -> Message:
    raise AssertionError("nothing is read")


async def sent(_message: Message) -> None:
    return None


def test_an_address_of_any_length_is_one_short_line(caplog: pytest.LogCaptureFixture) -> None:
    async def nothing_there(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})

    async def answered() -> None:
        scope = {"type": "http", "method": "GET", "path": "/" + "a." * 30_000, "client": None}
        await access_log.logged(nothing_there, "errors")(scope, unused, sent)

    with caplog.at_level("INFO", "varco.access"):
        asyncio.run(answered())
    (record,) = caplog.records
    assert len(logs.JsonFormatter().format(record)) < 2000


@pytest.mark.parametrize(("status", "routine", "lines"), [(400, False, 1), (400, True, 0), (200, False, 0)])
def test_an_answer_that_is_routine_is_no_line_among_the_errors(
    caplog: pytest.LogCaptureFixture, status: int, routine: bool, lines: int
) -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if routine:
            scope["varco.routine"] = True
        await send({"type": "http.response.start", "status": status, "headers": []})

    async def answered(level: str) -> None:
        scope = {"type": "http", "method": "POST", "path": "/oauth2/token", "client": None}
        await access_log.logged(app, level)(scope, unused, sent)

    with caplog.at_level("INFO", "varco.access"):
        asyncio.run(answered("errors"))
        assert len(caplog.records) == lines
        asyncio.run(answered("all"))
        assert len(caplog.records) == lines + 1
