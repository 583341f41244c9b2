"""What numbers a setting may have, and what a misspelt variable was meant to be."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches

_DECADE = 3660 * 86400  # seconds

RANGES: Mapping[str, tuple[int, int, str]] = {
    "port": (1, 65535, ""),
    "workers": (1, 512, ""),
    "drain": (0, 100, " (the systemd units give a server 120 seconds to stop)"),
    "database_connections": (1, 200, ""),
    "code_lifetime": (1, 600, " (RFC 6749 §4.1.2)"),
    "access_token_lifetime": (1, 3600, " (RFC 6750 §5.3)"),
    "id_token_lifetime": (1, 86400, ""),
    "refresh_idle": (1, _DECADE, ""),
    "refresh_absolute": (1, _DECADE, ""),
    "refresh_retry_window": (0, 3600, ""),
    "interaction_lifetime": (60, 86400, ""),
    "rate_limit": (1, 10**9, ""),
    "rate_limit_shares": (1, 1000, ""),
    "rate_window": (1, 86400, ""),
    "token_cache": (1, 65536, ""),
    "body_limit": (1024, 2**30, ""),
    "step_up": (60, 86400, ""),
    "password_hash_memory": (7168, 2**22, ", and multiplied by VARCO_PASSWORD_HASH_PASSES at least 35840"),
    "password_hash_passes": (1, 100, ""),
    "password_hashes": (1, 256, ""),
    "password_hash_queue": (1, 100_000, ""),
    "integrator_idle_days": (7, 366, ""),
    "recertification_days": (30, 366, ""),
    "attachment_limit": (65_536, 50 * 2**20, ""),
    "ticket_reopen": (0, 366 * 86400, ""),
    "key_period": (3600, _DECADE, " (clients keep the published keys for a while)"),
    "key_retirement": (1, _DECADE, ""),
    "secret_days": (0, 3660, ""),
    "access_months": (24, 1200, " (access to health data is to be told for two years, at the least)"),
    "event_months": (24, 1200, ""),
}
"""Least and most of each number, with the reason where it is not plain."""


def fault(name: str, value: int) -> str:
    """Why a number will not do; empty for one that will."""
    least, most, reason = RANGES[name]
    if value < least:
        return f"must be at least {least}{reason}"
    return f"must be at most {most}{reason}" if value > most else ""


def suggestion(name: str, known: Collection[str]) -> str:
    """The end of a sentence that names the variable somebody meant; empty if none is near."""
    near = get_close_matches(name, known, n=1, cutoff=0.8)
    return f"; did you mean {near[0]}?" if near else ""
