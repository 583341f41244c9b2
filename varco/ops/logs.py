"""Logs: one record a line, as JSON or as text, with request ids, and never a secret (S37).

Code must not log secrets to begin with; `redact` is the belt and braces that also covers exception texts and libraries.
"""

import json
import logging
import logging.config
import re
import time
from typing import Any

from varco.protocol.credentials import REDACTED, redacted

_NAMES = (
    "client_secret|client_assertion|password[12]?|refresh_token|access_token|id_token|id_token_hint|logout_token|code|"
    "code_verifier|device_code|user_code|request_uri|token|csrfmiddlewaretoken|secret|master_keys?|sessionid|"
    "varco_session|varco_csrf"
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(basic|bearer|dpop)(\s+)[A-Za-z0-9._~+/=-]{8,}"), r"\1\2" + REDACTED),
    # `user:password@` in the URL of a database or mail server. The scheme has a length, since whoever may write a path into
    # the log could otherwise make us try each of its letters with all the rest of it.
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,19}://[^\s/:@\"']+):[^\s/@\"']+@"), r"\1:" + REDACTED + "@"),
    (re.compile(r"(?i)\b((?:set-)?cookie\\?[\"']?\s*:\s*)[^\r\n]+"), r"\1" + REDACTED),
    # `name=value` of a form or a query, and `"name": "value"` of JSON or of a printed dictionary.
    (
        re.compile(
            rf"(?i)\b((?:{_NAMES})(?:\s*=\s*\\?[\"']?|\\?[\"']\s*:\s*\\?[\"']?))(?!\[redacted\])[^\s\"'&,;}}\\)]+"
        ),
        r"\1" + REDACTED,
    ),
)
_SPACE = re.compile(r"\s")
_PLAIN = re.compile(r"[A-Za-z0-9_.:,;/@*+~\[\]-]+")  # what needs no quotes in a line of text
_TOLD = {"varco.access": ("method", "path", "status")}  # facts that a logger's message has in plain words
# A signature over what an audit holds, made to be kept elsewhere: the one JWT that opens nothing and is told whole.
_PUBLIC = frozenset({("varco.audit", "head")})
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


_DETAIL = "DETAIL:"


def without_detail(text: str) -> str:
    """A message of PostgreSQL without its details, which hold whole rows: `Failing row contains (…)`, `Key (…)=(…)`.

    Values may have lines and words of any kind, so all that follows goes.
    """
    before, found, _ = text.partition(_DETAIL)
    return f"{before.rstrip()} [details left out]" if found else text


def forget_details(fault: BaseException | None) -> None:
    """Take the details out of an exception of a database driver, and of all that it came from."""
    waiting, seen = [fault], set()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.args = tuple(without_detail(part) if isinstance(part, str) else part for part in one.args)
        if isinstance(getattr(one, "detail", None), str):  # asyncpg's
            vars(one)["detail"] = None
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions


def redact(text: str) -> str:
    """The text without anything that looks like a token, a code, a secret, a password or a cookie."""
    # Whole tokens first, then `name=value` pairs, so that a token inside a pair disappears either way.
    text = redacted(text)
    # All but the first want a sign of a pair or an address, and the first a word and something after it: most texts have neither.
    paired = "=" in text or ":" in text
    if paired and _DETAIL in text:
        text = without_detail(text)
    for pattern, replacement in _PATTERNS if paired else _PATTERNS[:1] if _SPACE.search(text) else ():
        text = pattern.sub(replacement, text)
    return text


def _visible(text: str) -> str:
    """The text with everything escaped that is no printable character: ends of lines above all, of whatever kind."""
    if text.isprintable():
        return text
    return "".join(part if part.isprintable() else _escaped(part) for part in text)


def _escaped(character: str) -> str:
    code = ord(character)
    if code > 0xFFFF:  # JSON writes such a one as two (RFC 8259 §7)
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"


def _json(value: object) -> str:
    return _visible(json.dumps(value, ensure_ascii=False))


class _Formatter(logging.Formatter):
    """What both formats tell of a record."""

    def facts(self, record: logging.LogRecord) -> dict[str, str | int | float | bool | None]:
        """The plain values given as `extra`, the id of the request, the exception; objects (a request, say) are left out."""
        found: dict[str, str | int | float | bool | None] = {
            name: redact(value) if isinstance(value, str) and (record.name, name) not in _PUBLIC else value
            for name, value in vars(record).items()
            if name not in _STANDARD and isinstance(value, str | int | float | bool | None)
        }
        request_id = getattr(getattr(record, "request", None), "request_id", "")  # Django hands its loggers the request
        if request_id:
            found.setdefault("request_id", request_id)
        if record.exc_info:
            forget_details(record.exc_info[1])
            found["exception"] = redact(self.formatException(record.exc_info))
        return found


class JsonFormatter(_Formatter):
    """A record as one line of JSON: `at`, `level`, `logger`, `message`, then its facts."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(int(record.created)))}.{int(record.msecs):03d}Z"
        line = {"at": at, "level": record.levelname, "logger": record.name, "message": redact(record.getMessage())}
        return _json(line | self.facts(record))


class TextFormatter(_Formatter):
    """A record as one line to be read: when, level, logger, message, then its facts as `name=value`.

    Whatever holds more than plain words is quoted as JSON quotes it, so that nothing in a request looks like another line or fact.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line; facts that are empty, or that the message tells already, are left out."""
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(record.created)))
        message = redact(record.getMessage())
        facts = " ".join(
            f"{name}={self._value(value)}"
            for name, value in self.facts(record).items()
            if value not in ("", None) and name not in _TOLD.get(record.name, ())
        )
        plain = message.isprintable() and '"' not in message and "=" not in message
        line = f"{at} {record.levelname} {record.name} {message if plain else _json(message)}"
        return f"{line} {facts}" if facts else line

    def _value(self, value: object) -> str:
        if not isinstance(value, str):
            return str(value).lower() if isinstance(value, bool) else str(value)
        return value if _PLAIN.fullmatch(value) else _json(value)


FORMATS = {"json": JsonFormatter, "text": TextFormatter}
"""By `VARCO_LOG_FORMAT`."""


def dictionary(level: str, form: str = "json") -> dict[str, Any]:
    """The `logging.config` dictionary of a process: everything to standard error, in one of `FORMATS`."""
    server = {"handlers": ["stderr"], "level": "WARNING", "propagate": False}
    quiet = level in {"WARNING", "ERROR"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMATS[form]}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "_granian": server | {"level": level if quiet else "INFO"},
            # A line for each answer whose client did not wait for it: nobody can do anything about that.
            "_granian.asgi.io": {"level": "INFO" if level == "DEBUG" else "WARNING"},
            "granian.access": dict(server),
            # A 4xx is not news: the access log has it, the trace has its reason. A 5xx is logged with its traceback.
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "ERROR"},
            # At DEBUG these two write whole template contexts (a secret shown once among them) and statements' values.
            "django.template": {"level": "INFO"},
            "django.db.backends": {"level": "INFO"},
        },
    }


def configure(level: str, form: str = "json") -> None:
    """Set up logging of this process."""
    logging.captureWarnings(capture=True)
    logging.config.dictConfig(dictionary(level, form))
