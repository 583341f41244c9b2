"""Signing key pool: the RSA keys that signing keys are made from, found once a process and used again by each test.

Looking for two primes takes longer than most tests. Within a test no two keys are the same, nor is one the same as a key
that was made when a module was imported or for more tests than one: those are not from the pool.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from varco.protocol.jose import jwk
from varco.protocol.jose.own_jwt import PrivateKey

_found: dict[str, list[PrivateKey]] = defaultdict(list)
_lock = threading.Lock()
_generate = jwk.generate


@contextmanager
def for_one_test() -> Iterator[None]:
    """Have `varco.protocol.jose.jwk.generate` take RSA keys from the pool, each of them once."""
    used: dict[str, int] = defaultdict(int)

    def take(alg: str) -> PrivateKey:
        if alg not in {"RS256", "PS256"}:
            return _generate(alg)
        with _lock:
            number = used[alg]
            used[alg] += 1
            if number == len(_found[alg]):
                _found[alg].append(_generate(alg))
            return _found[alg][number]

    jwk.generate = take
    yield
    jwk.generate = _generate
