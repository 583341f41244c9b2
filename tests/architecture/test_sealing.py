"""Whatever is sealed is known to `varco keys reseal`, or is nothing that lasts."""

import ast

from tests.support import source
from varco.ops import master_status

MOVED = {
    "varco/audit/chain_key.py": "audit-chain",
    "varco/keys/services.py": "signing-key",
    "varco/mail/models.py": "mail",
    "varco/registry/sandbox_models.py": "sandbox-password",
    "varco/gate/oauth/signals/streams.py": "signal-authorization",
    "varco/signals/services.py": "signal-authorization",
    "varco/accounts/browser_session.py": "browser-session",
    "varco/portal/account/sealed_factors.py": "second-factor",
}
PASSING = {
    "varco/paging.py",  # positions in the hands of clients, asked for again at once
    "varco/ops/demo/state.py",  # made anew where it does not open
    "varco/sealed_rows.py",  # moves them
}


def _seals(path: str) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func) == "sealing.seal"
        for node in ast.walk(source.tree(source.ROOT / path))
    )


def test_everything_that_is_sealed_is_moved_to_a_new_master_key() -> None:
    sealing = {str(path.relative_to(source.ROOT)) for path in source.python("varco")}
    assert {path for path in sealing if _seals(path)} == MOVED.keys() | PASSING
    assert {kind.purpose for kind in master_status.kinds()} == set(MOVED.values())
