"""The document that says where the transmitter's addresses are (SSF 1.0 §7)."""

from typing import Any

from varco.protocol.signals.streams import POLL, PUSH

PATH = "/.well-known/ssf-configuration"
STREAMS, STATUS, VERIFY = "/oauth2/ssf/streams", "/oauth2/ssf/status", "/oauth2/ssf/verify"


def document(issuer: str) -> dict[str, Any]:
    """The metadata: only what truly works is announced, so there is no address for adding and removing subjects.

    A stream is about everybody who gave its application access (`default_subjects`), and nobody else can be added.
    """
    return {
        "spec_version": "1_0",
        "issuer": issuer,
        "jwks_uri": f"{issuer}/oauth2/jwks",
        "delivery_methods_supported": [PUSH, POLL],
        "configuration_endpoint": f"{issuer}{STREAMS}",
        "status_endpoint": f"{issuer}{STATUS}",
        "verification_endpoint": f"{issuer}{VERIFY}",
        "critical_subject_members": ["user"],
        "default_subjects": "ALL",
        # The client's own credentials: its secret by HTTP Basic, or an assertion of its key as a bearer (decision 48).
        "authorization_schemes": [{"spec_urn": "urn:ietf:rfc:7617"}, {"spec_urn": "urn:ietf:rfc:7523"}],
    }
