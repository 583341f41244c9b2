"""Errors of the gate itself, about HTTP and the store; those about OAuth are in `varco.protocol.errors`."""

from varco.protocol.errors import Fixer, OAuthError


def too_large(limit: int) -> OAuthError:
    """The error for a body that is larger than the gate reads."""
    return OAuthError(
        "request_too_large",
        f"The request body is larger than {limit} bytes.",
        status=413,
        rule="size: request body",
        received=f"more than {limit} bytes",
        expected=f"at most {limit} bytes",
    )


def too_slow(seconds: float) -> OAuthError:
    """The error for a body that did not come; the connection is closed, so that it holds nothing any more."""
    return OAuthError(
        "request_timeout",
        f"The request body did not arrive within {seconds:g} seconds.",
        status=408,
        fixer=Fixer.RETRY,
        rule="RFC 9110 §15.5.9 request body in time",
        received="an incomplete request body",
        expected=f"a whole one within {seconds:g} s",
        headers=((b"connection", b"close"),),
    )


def broken_off() -> OAuthError:
    """The error for a body that ends before it is whole: the client has gone, or sent chunks that are none.

    The server tells both alike, and would say 500 for us if nobody answered.
    """
    return OAuthError(
        "invalid_request",
        "The request body is not whole: it broke off, or its chunks are malformed.",
        rule="RFC 9112 §8 complete message",
        received="an incomplete request body",
        expected="a whole one",
        headers=((b"connection", b"close"),),
    )


def method_not_allowed(method: str, allowed: str) -> OAuthError:
    """The error for a method an address does not have."""
    return OAuthError(
        "method_not_allowed",
        f"This address does not answer {method[:20]}. Use {allowed}.",
        status=405,
        rule="RFC 9110 §15.5.6 method",
        received=method[:20],
        expected=allowed,
        headers=((b"allow", allowed.encode("ascii")),),
    )


def not_found(received: str = "", expected: str = "") -> OAuthError:
    """The error for an address where nothing is; the same whether it is unknown or another tenant's (S28)."""
    return OAuthError(
        "not_found",
        "There is nothing at this address.",
        status=404,
        rule="RFC 9110 §15.5.5 path",
        received=received,
        expected=expected,
    )


def unavailable(retry_after: int = 1) -> OAuthError:
    """The error while a database is away or locked, or keys are missing; `retry_after` in seconds."""
    return OAuthError(
        "temporarily_unavailable",
        "The service cannot answer at the moment. Try again shortly.",
        status=503,
        fixer=Fixer.RETRY,
        rule="RFC 9110 §15.6.4 store or keys unavailable",
        headers=((b"retry-after", b"%d" % retry_after),),
    )


def read_timeout(retry_after: int = 1) -> OAuthError:
    """The error for a read that was given up because it took too long; `retry_after` in seconds."""
    return OAuthError(
        "read_timeout",
        "Finding this took too long, and was given up. Ask for less, such as more letters of the name, or try again shortly.",
        status=503,
        fixer=Fixer.RETRY,
        rule="RFC 9110 §15.6.4 time for one read",
        headers=((b"retry-after", b"%d" % retry_after),),
    )


def internal_error() -> OAuthError:
    """What a fault of the gate itself looks like from outside."""
    return OAuthError(
        "server_error",
        "Something went wrong on our side. The request id helps support to find out what.",
        status=500,
        fixer=Fixer.ADMINISTRATOR,
        rule="RFC 9110 §15.6.1 unexpected fault",
    )
