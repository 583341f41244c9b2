"""Who has signed in, and for which medical centre (S20)."""

import msgspec

from varco.gate.api.operations import Call, OperationResult, identity
from varco.protocol.tokens import api_userinfo


class TenantSummary(msgspec.Struct, frozen=True):
    """A medical centre."""

    id: str
    name: str


class UserInfo(msgspec.Struct, frozen=True):
    """The person behind the token and the medical centre it is for."""

    sub: str
    name: str
    tenants: list[TenantSummary]


@identity("GET", "/v2/userinfo", summary="The person behind the token, and their medical centre", response=UserInfo)
async def get_userinfo(call: Call) -> OperationResult:
    """The connected tenant, so that an application can tell whether it is the expected one (S20, S34)."""
    return OperationResult(api_userinfo(call.caller.person, call.caller.tenant))
