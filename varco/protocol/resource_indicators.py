"""Resource indicators (RFC 8707): the API a token is meant for."""

from collections.abc import Collection, Iterable

from varco.protocol.errors import OAuthError


def check(resources: Iterable[str], allowed: Collection[str]) -> None:
    """Whether every `resource` asked for is one this server issues tokens for. Raises `OAuthError` (invalid_target, §2)."""
    for resource in resources:
        if resource not in allowed and resource.rstrip("/") not in allowed:
            raise OAuthError(
                "invalid_target",
                "This server issues no tokens for the resource asked for. Leave resource out, or send the address of the API.",
                rule="RFC 8707 §2 resource",
                received=resource,
                expected=", ".join(sorted(allowed)),
            )
