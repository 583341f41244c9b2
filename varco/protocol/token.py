"""The token endpoint's decisions (RFC 6749 §3.2): ask, redeem, rotate."""

from varco.protocol.ask import (
    Ask,
    CodeAsk,
    DeviceAsk,
    RefreshAsk,
    check_grant_type,
    parse_token_request,
)
from varco.protocol.grant import GrantRecord, check_people
from varco.protocol.redeem import CODE_REPLAYED, CODE_RULES, redeem_code, replayed
from varco.protocol.rotation import (
    REFRESH_REUSED,
    check_bound_key,
    judge_refresh,
    refresh_scope,
    unreadable_refresh_token,
)

__all__ = [
    "CODE_REPLAYED",
    "CODE_RULES",
    "REFRESH_REUSED",
    "Ask",
    "CodeAsk",
    "DeviceAsk",
    "GrantRecord",
    "RefreshAsk",
    "check_bound_key",
    "check_grant_type",
    "check_people",
    "judge_refresh",
    "parse_token_request",
    "redeem_code",
    "refresh_scope",
    "replayed",
    "unreadable_refresh_token",
]
