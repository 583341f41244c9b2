"""The settings of Varco, read from the environment; `setting_list.py` has them one by one.

`load()` refuses (with `ConfigError`, naming the variable) anything missing, malformed or unsafe: there is no default
secret, no plain-http issuer except on loopback, and no unknown `VARCO_` variable, since a misspelt safety setting is one
that is off. `docs/configuration.md` is rendered from here by `varco config --markdown`.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import urlsplit

from varco import setting_forms as forms
from varco import setting_ranges, setting_urls
from varco.setting_list import VENDOR, Settings

__all__ = ["ConfigError", "Settings", "load", "markdown", "master_keys", "variable"]


class ConfigError(ValueError):
    """A setting is missing, malformed or unsafe; the message names the variable and says what to do."""


def variable(name: str) -> str:
    """Name of the environment variable of a field."""
    return f"VARCO_{name.upper()}"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Raises `ConfigError` naming the first variable at fault.
    """
    environ = os.environ if environ is None else environ
    known = {variable(item.name): item for item in fields(Settings)}
    for name in environ:
        if name.startswith("VARCO_") and name not in known and not name.startswith("VARCO_TEST_"):
            near = setting_ranges.suggestion(name, known)
            raise ConfigError(f"{name} is not a setting of Varco{near or '; see docs/configuration.md'}")
    values: dict[str, Any] = {}
    for name, item in known.items():
        raw = environ.get(name, "")
        if raw == "":
            continue
        try:
            values[item.name] = item.metadata["parse"](raw)
        except ValueError as fault:
            raise ConfigError(f"{name}: {fault}") from None
    return _checked(values)


def _checked(values: dict[str, Any]) -> Settings:
    if not values.get("issuer"):
        raise ConfigError(
            "VARCO_ISSUER is required: the public origin of this server, e.g. https://login.example.org; settings in a file: varco --env-file FILE …"
        )
    values.setdefault("api_url", values["issuer"])
    if not values.get("mail_from"):
        host = urlsplit(values["issuer"]).hostname or ""
        # An issuer may be ::1, on a developer's machine; a mail's domain may not.
        address = f"no-reply@{'localhost' if ':' in host else host}"
        values["mail_from"] = forms.mailbox(values.get("vendor", VENDOR), address)
    if values.get("demo"):
        values.setdefault("second_factor_roles", ())
    settings = Settings(**values)
    _check_values(settings)
    _check_password_hashing(settings.password_hash_memory, settings.password_hash_passes)
    return settings


def _check_password_hashing(memory: int, passes: int) -> None:
    """At least the least that OWASP's Password Storage Cheat Sheet gives for argon2id with one lane (7 MiB and 5 passes)."""
    if memory * passes < 35_840:
        raise ConfigError(
            "VARCO_PASSWORD_HASH_MEMORY: must be at least 7168, and multiplied by VARCO_PASSWORD_HASH_PASSES at least 35840"
        )


def _check_values(settings: Settings) -> None:
    for name in setting_ranges.RANGES:
        fault = setting_ranges.fault(name, getattr(settings, name))
        if fault:
            raise ConfigError(f"{variable(name)}: {fault}")
    if settings.log_level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ConfigError("VARCO_LOG_LEVEL: must be DEBUG, INFO, WARNING or ERROR")
    if settings.access_log not in {"off", "errors", "all"}:
        raise ConfigError("VARCO_ACCESS_LOG: must be off, errors or all")
    if settings.key_retirement < max(settings.access_token_lifetime, settings.id_token_lifetime):
        raise ConfigError("VARCO_KEY_RETIREMENT: must be at least as long as the tokens that the key signed")
    engines = {settings.database(alias).partition(":")[0] for alias in ("platform", "clinic", "sandbox")}
    if settings.workers > 1 and "sqlite" in engines:
        raise ConfigError("VARCO_WORKERS: more than one worker needs PostgreSQL for all three databases")


def master_keys(settings: Settings) -> tuple[bytes, ...]:
    """The master keys, from the settings or from the key file.

    Raises `ConfigError` when there is none, or when the file can be read by others: no key, no start.
    """
    if settings.master_keys:
        return settings.master_keys
    path = settings.data_dir / "master.key"
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii").strip()
    except OSError:
        raise ConfigError(f"no master key: set VARCO_MASTER_KEYS, or run `varco keys master` to make {path}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{path} can be read by others; run: chmod 600 {path}")
    try:
        return forms.key_list(text)
    except ValueError as fault:
        raise ConfigError(f"{path}: {fault}") from None


def markdown() -> str:
    """The text of `docs/configuration.md`."""
    lines = [
        "# Configuration",
        "",
        "Varco is configured by environment variables only. This page is made by `varco config --markdown`.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for item in fields(Settings):
        default = ",".join(item.default) if isinstance(item.default, tuple) else item.default
        shown = (
            "" if default in ("", (), None) else f"`{str(default).lower() if isinstance(default, bool) else default}`"
        )
        unit = f" In {item.metadata['unit']}." if item.metadata["unit"] else ""
        secret = " **Secret.**" if item.metadata["secret"] else ""
        lines.append(f"| `{variable(item.name)}` | {shown} | {item.metadata['help']}{unit}{secret} |")
    return "\n".join([*lines, "", *setting_urls.markdown()]) + "\n"
