"""What is remembered of access tokens: the most recently used, within the memory that is set, and not beyond a key."""

import asyncio
import tracemalloc
from typing import Any

import pytest

from varco.gate.auth.token_cache import CLAIMS_BYTES, DIGEST_BYTES, AccessTokenCache, RecentlyUsed
from varco.protocol.access_token import access_claims, encode_access
from varco.protocol.errors import OAuthError
from varco.protocol.jose import base64url

MIB = 1024 * 1024


class Keys:
    """In the place of the keyring: every signature is right, and it counts how many it was asked about."""

    generation = 0
    verified = 0

    async def verify(self, token: str, now_ms: int) -> bytes:
        self.verified += 1
        if token.endswith("forged"):
            raise OAuthError("invalid_token", "It is not ours.", rule="test", status=401)
        return base64url.decode(token.split(".")[1])


def token(number: int) -> str:
    claims = access_claims(
        issuer="https://login.example.org",
        audience="https://api.example.org",
        sub=f"user-{number:020x}",
        client_id="varco-0123456789abcdef",
        scope="openid profile email offline_access giponext.patients giponext.agenda",
        grant_id=(1 << 62) + number,
        tenant="tenant-0123456789ab",
        jti=f"{number:022x}",
        now=1_800_000_000,
        lifetime=600,
        acr="urn:varco:acr:2",
        auth_time=1_799_999_000,
    )
    return f"eyJhbGciOiJFUzI1NiJ9.{base64url.encode(encode_access(claims))}.{'s' * 86}"


def read(cache: AccessTokenCache, *tokens: str) -> list[Any]:
    async def story() -> list[Any]:
        return [await cache.claims(each, 0) for each in tokens]

    return asyncio.run(story())


def cache_of(keys: Keys, memory: int) -> AccessTokenCache:
    return AccessTokenCache(keys, memory)  # type: ignore[arg-type]


def test_what_is_used_again_and_again_stays_and_what_is_not_goes() -> None:
    recent: RecentlyUsed[bytes, int] = RecentlyUsed(100)
    recent.put(b"often", 1)
    for number in range(1000):
        recent.put(b"%d" % number, number)
        assert recent.get(b"often") == 1
    assert len(recent) <= 100
    assert recent.get(b"1") is None
    assert [recent.get(b"%d" % number) for number in range(960, 1000)] == list(range(960, 1000))


def test_a_signature_is_verified_once_and_the_claims_are_the_same_every_time() -> None:
    keys = Keys()
    cache = cache_of(keys, MIB)
    texts = [token(number) for number in range(2500)]  # more than there is room for claims of
    first = read(cache, *texts)
    assert read(cache, *texts) == first
    assert read(cache, *texts[-5:]) == first[-5:]
    assert keys.verified == len(texts)


def test_a_hundred_thousand_tokens_in_turn_are_verified_once_each_with_the_memory_that_is_set_by_default() -> None:
    from varco import config

    memory = config.load({"VARCO_ISSUER": "http://localhost"}).token_cache * MIB
    recent: RecentlyUsed[bytes, bool] = RecentlyUsed(memory // 2 // DIGEST_BYTES)
    keys = [number.to_bytes(32) for number in range(100_000)]
    for key in keys:
        recent.put(key, True)  # noqa: FBT003
    assert all(recent.get(key) for _ in range(2) for key in keys)


@pytest.mark.parametrize("memory", [MIB // 2, MIB])
def test_the_memory_is_bounded(memory: int) -> None:
    cache = cache_of(Keys(), memory)
    texts = [token(number) for number in range(3 * memory // 2 // DIGEST_BYTES)]
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    read(cache, *texts)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 1.2 * memory
    assert len(cache._claims) <= memory // 2 // CLAIMS_BYTES


def test_a_key_that_verifies_no_more_takes_everything_with_it() -> None:
    keys = Keys()
    cache = cache_of(keys, MIB)
    texts = [token(number) for number in range(2000)]
    read(cache, *texts)
    keys.generation += 1
    read(cache, *texts)
    assert keys.verified == 2 * len(texts)


def test_what_is_refused_is_not_remembered() -> None:
    keys = Keys()
    cache = cache_of(keys, MIB)
    for _ in range(2):
        with pytest.raises(OAuthError):
            read(cache, "a.b.forged")
    assert keys.verified == 2
