"""Signing key pool: the RSA keys that signing keys are made from, found once a process and used again by each test.

Looking for two primes takes longer than most tests. Within a test no two keys are the same.
"""

import threading
from collections import defaultdict

from varco.protocol.jose import jwk
from varco.protocol.jose.own_jwt import PrivateKey

_found: dict[str, list[PrivateKey]] = defaultdict(list)
_used: dict[str, int] = defaultdict(int)
_lock = threading.Lock()
_generate = jwk.generate


def install() -> None:
    """Have `varco.protocol.jose.jwk.generate` take RSA keys from the pool."""
    jwk.generate = _from_pool


def rewind() -> None:
    """A test begins: all keys are free."""
    _used.clear()


def _from_pool(alg: str) -> PrivateKey:
    if alg not in {"RS256", "PS256"}:
        return _generate(alg)
    with _lock:
        number = _used[alg]
        _used[alg] += 1
        if number == len(_found[alg]):
            _found[alg].append(_generate(alg))
        return _found[alg][number]
