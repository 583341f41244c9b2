"""Who has signed in, and for which medical centre (S20)."""

from varco.gate.api.calls import Call, OperationResult
from varco.gate.api.operations import identity
from varco.gate.api.userinfo.schema import EXAMPLE, UserInfo
from varco.protocol.userinfo import api_userinfo


@identity(
    "/v2/userinfo",
    summary="The person behind the token, and their medical centre",
    response=UserInfo,
    example=EXAMPLE,
)
async def get_userinfo(call: Call[None]) -> OperationResult:
    """The connected tenant, so that an application can tell whether it is the expected one (S20, S34)."""
    return OperationResult(api_userinfo(call.caller.person, call.caller.tenant))
