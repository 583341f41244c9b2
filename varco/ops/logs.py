"""Logs: one JSON object a line, with request ids, and never a secret (S37).

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


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: `at`, `level`, `logger`, `message`, then the plain values given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; objects given as `extra` (a request, say) are left out, plain values stay."""
        whole = int(record.created)
        line: dict[str, Any] = {
            "at": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        for name, value in vars(record).items():
            if name not in _STANDARD and isinstance(value, str | int | float | bool | None):
                line[name] = redact(value) if isinstance(value, str) else value
        request_id = getattr(getattr(record, "request", None), "request_id", "")  # Django hands its loggers the request
        if request_id:
            line.setdefault("request_id", request_id)
        if record.exc_info:
            forget_details(record.exc_info[1])
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def dictionary(level: str) -> dict[str, Any]:
    """The `logging.config` dictionary of a process: everything to standard error, through `JsonFormatter`."""
    server = {"handlers": ["stderr"], "level": "WARNING", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "_granian": server | {"level": "INFO"},
            "granian.access": dict(server),
            # A 4xx is not news: the access log has it, the trace has its reason. A 5xx is logged with its traceback.
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "ERROR"},
            # At DEBUG these two write whole template contexts (a secret shown once among them) and statements' values.
            "django.template": {"level": "INFO"},
            "django.db.backends": {"level": "INFO"},
        },
    }


def configure(level: str) -> None:
    """Set up logging of this process."""
    logging.captureWarnings(capture=True)
    logging.config.dictConfig(dictionary(level))
