"""The caller of a management request, as the gate has proven it and Django receives it.

The gate verifies the token and puts this value into the ASGI scope; the management plane reads it there and nowhere else. A
client writes headers, path, query and body: none of them can become a key of the scope.
"""

from dataclasses import dataclass

SCOPE_KEY = "varco.caller"
"""Where in the ASGI scope it stands."""

MANAGEMENT_PATH = "/manage"
"""Below it the gate authenticates and Django answers, in JSON (docs/decisions/0018-management-plane.md)."""

MANAGEMENT_DOCUMENT = "/manage/v1/openapi.json"
"""The description of the management API, the one address below it that is for anybody: its caller is None."""


@dataclass(frozen=True, slots=True)
class ManagementCaller:
    """Who asks, through which application, by which grant, for which tenant, within which scopes, in which request, from where.

    `user_id` is the person's `sub`, `tenant_id` the public id of the tenant that the token is for, `scopes` what still holds
    of the token's scopes, `ip` the client's address with trusted proxies unwound.
    """

    user_id: str
    application_id: int
    client_id: str
    grant_id: int
    tenant_id: str
    scopes: frozenset[str]
    request_id: str
    ip: str
