"""`varco keys`: the calendar of signing keys, on paper and by hand. Needs Django set up."""

import argparse
from datetime import UTC, datetime

from varco import clock
from varco.keys import queries, services
from varco.ops.preflight import OperationError, check_schema
from varco.protocol.jose.algorithms import ALGORITHMS


def run(options: argparse.Namespace) -> None:
    """One act of `varco keys`. Raises `OperationError`."""
    check_schema()
    if options.act in {"reseal", "status"}:
        from varco.ops import master_status

        master_status.reseal() if options.act == "reseal" else master_status.status()
    elif options.act == "ensure":
        made = services.ensure()
        print("\n".join(f"made {key.kid}" for key in made) or "Every algorithm has its active and its next key.")
    elif options.act == "rotate":
        for key in services.rotate([options.alg] if options.alg else ALGORITHMS):
            print(f"{key.kid} signs from now on, published since {_moment(key.published_at)}")
    elif options.act == "revoke":
        try:
            key = services.revoke(options.kid)
        except services.KeyNotFoundError:
            raise OperationError(f"there is no living key {options.kid}; see: varco keys list") from None
        print(f"{key.kid} is revoked. Running gates notice within seconds, and from then on refuse all it signed.")
    else:
        _list()


def _list() -> None:
    now = clock.now()
    print(f"{'KEY':<22} {'ALG':<6} {'STATE':<9} {'PUBLISHED':<17} {'SIGNS FROM':<17} {'UNTIL':<17} GONE")
    for key in queries.everything():
        moments = (key.published_at, key.active_at, key.retires_at, key.revoked_at or key.gone_at)
        print(
            f"{key.kid:<22} {key.alg:<6} {queries.state(key, now):<9} {' '.join(f'{_moment(at):<17}' for at in moments)}".rstrip()
        )


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%MZ")
