"""DPoP proofs of requests (RFC 9449): checked against the request as it came, and used once."""

from varco.gate.auth.replay import PROOF, first_use
from varco.gate.context import GateContext
from varco.gate.http import Request, Response
from varco.protocol import dpop
from varco.protocol.dpop import Proof


class RequestProof:
    """The proof a request came with, or none; it is used up at most once however often its decision is made."""

    __slots__ = ("_context", "_status", "_used", "proof")

    def __init__(self, context: GateContext, proof: Proof | None, status: int) -> None:
        self._context = context
        self._status = status
        self._used = False
        self.proof = proof

    @property
    def jkt(self) -> str:
        """The thumbprint of the key that was proven; empty without a proof."""
        return self.proof.jkt if self.proof else ""

    async def use_up(self) -> None:
        """Remember the proof, so that it is good for this one request (§11.1). Raises `OAuthError` (invalid_dpop_proof)."""
        proof = self.proof
        if proof is None or self._used:
            return
        if not await first_use(self._context, PROOF, proof.single_use, proof.remember_until):
            raise dpop.used_before(self._status)
        self._used = True

    def with_nonce(self, response: Response) -> Response:
        """The answer, with the nonce of the next proof where nonces are required (§8.2)."""
        if self.proof is not None and self._context.settings.dpop_nonce:
            now = self._context.now_ms() // 1000
            response.headers.append(dpop.nonce_header(dpop.nonce(self._context.nonce_keys[0], now)))
        return response


def request_url(context: GateContext, request: Request) -> str:
    """The public address of a request, as `htu` has to name it; never from the Host header."""
    settings = context.settings
    base = settings.issuer if request.path.startswith("/oauth2/") else settings.api_url
    raw: bytes = request.scope.get("raw_path") or request.path.encode()
    return base + raw.partition(b"?")[0].decode("latin-1")


def request_proof(context: GateContext, request: Request, *, access_token: str = "", status: int = 400) -> RequestProof:
    """The proof of a request, checked but not yet used up.

    Raises `OAuthError`: invalid_dpop_proof, or use_dpop_nonce with the nonce to use (`status` is 401 at the API).
    """
    header = dpop.proof_header(request.header_values(b"dpop"), status)
    if header is None:
        return RequestProof(context, None, status)
    now = context.now_ms() // 1000
    nonces = dpop.accepted_nonces(context.nonce_keys, now) if context.settings.dpop_nonce else ()
    proof = dpop.check(
        header,
        method=request.method,
        url=request_url(context, request),
        now=now,
        nonces=nonces,
        access_token=access_token,
        status=status,
    )
    return RequestProof(context, proof, status)
