"""What programs see of the caller (S20)."""

import msgspec


class TenantSummary(msgspec.Struct, frozen=True):
    """A medical centre."""

    id: str
    name: str


class UserInfo(msgspec.Struct, frozen=True):
    """The person behind the token and the medical centre it is for."""

    sub: str
    name: str
    tenants: list[TenantSummary]


EXAMPLE = UserInfo("user-1f6a", "Dario Donati", [TenantSummary("tenant-aurora", "Centro Medico Aurora")])
