"""Error responses, one function a kind of endpoint: OAuth JSON (RFC 6749 §5.2), bearer challenge (RFC 6750 §3) and API JSON (S29)."""

from varco.gate.http import Headers, Request, Response, json_response
from varco.protocol.errors import OAuthError, help_address, meaning_address
from varco.protocol.jose.algorithms import FAPI_ALGORITHMS, every_name

REALM = "varco"
_PROOFS = " ".join(every_name(FAPI_ALGORITHMS))
_ERRORS = frozenset(
    {"invalid_token", "invalid_request", "insufficient_scope", "invalid_dpop_proof", "use_dpop_nonce",
     "insufficient_user_authentication"}
)  # fmt: skip


def oauth(request: Request, refusal: OAuthError, *, issuer: str) -> Response:
    """The error of an OAuth endpoint, with a challenge where the client must authenticate (RFC 6749 §5.2).

    `issuer` is where its `error_uri` leads.
    """
    headers = [*refusal.headers]
    if refusal.status == 401:
        headers.append((b"www-authenticate", f'Basic realm="{REALM}"'.encode()))
    return _json(request, refusal, issuer, headers)


def _json(request: Request, refusal: OAuthError, issuer: str, headers: Headers) -> Response:
    members = refusal.public(issuer, request.id if request.traced else "")
    return json_response({**members, "request_id": request.id}, refusal.status, extra=headers)


def challenge(request: Request, refusal: OAuthError, resource_metadata: str = "") -> Headers:
    """`WWW-Authenticate` of a refused token, in its own scheme; without a token both, and no error (RFC 6750 §3.1, RFC 9449 §7.1).

    `resource_metadata` is the address of the document that says who issues tokens (RFC 9728 §5.1).
    """
    if refusal.status not in {400, 401, 403} or refusal.error == "not_found":
        return []
    parts = [f'realm="{REALM}"']
    if refusal.error in _ERRORS:
        parts += [f'error="{refusal.error}"', f'error_description="{refusal.description}"']
    if refusal.error == "insufficient_scope" and refusal.extra.get("required"):
        parts.append(f'scope="{refusal.extra["required"]}"')
    elif refusal.status != 401 and refusal.error not in {"invalid_request", "insufficient_scope"}:
        return []
    if "acrValues" in refusal.extra:  # RFC 9470 §3
        parts += [f'acr_values="{refusal.extra["acrValues"]}"', f'max_age="{refusal.extra["maxAge"]}"']
    if resource_metadata:
        parts.append(f'resource_metadata="{resource_metadata}"')
    told = ", ".join(parts)
    proven = f'DPoP {told}, algs="{_PROOFS}"'
    if request.dpop:
        return [_authenticate(proven)]
    return [_authenticate(f"Bearer {told}"), *([_authenticate(proven)] if refusal.error == "token_required" else [])]


def _authenticate(text: str) -> tuple[bytes, bytes]:
    return b"www-authenticate", text.encode("latin-1", "replace")


def bearer(request: Request, refusal: OAuthError, *, issuer: str, resource_metadata: str = "") -> Response:
    """The error of an OAuth resource, such as userinfo: OAuth JSON and the bearer challenge."""
    headers = [*refusal.headers, *challenge(request, refusal, resource_metadata)]
    return _json(request, refusal, issuer, headers)


def api(request: Request, refusal: OAuthError, *, issuer: str, resource_metadata: str = "") -> Response:
    """The error of the API: `error`, `message`, `requestId`, who can fix it, and what else is known (S28, S29).

    `errorUri` is where its developer reads which rule refused it, or what the code means where the log keeps no request.
    """
    headers = [*refusal.headers, *challenge(request, refusal, resource_metadata)]
    content = {"error": refusal.error, "message": refusal.description, "requestId": request.id, **refusal.extra}
    known = request.traced
    content["errorUri"] = help_address(issuer, request.id) if known else meaning_address(issuer, refusal.error)
    return json_response(content, refusal.status, extra=headers)
