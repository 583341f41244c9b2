"""The calendar of signing keys: published before use, rotated on its dates or by hand, revoked in an emergency."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings

from tests.conftest import FrozenClock
from tests.support import people
from varco import sealing
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.keys import queries, services
from varco.keys.models import SigningKey
from varco.protocol.jose import jwk as protocol_keys
from varco.protocol.jose.key_schedule import KeySchedule

DAY = 86400
FAST = ("ES256", "EdDSA")  # RSA keys take their time to make


def states(clock: FrozenClock, alg: str = "ES256") -> list[str]:
    return [
        queries.state(key, clock.seconds)
        for key in SigningKey.objects.filter(alg=alg).order_by("active_at", "published_at")
    ]


def test_the_first_step_makes_an_active_and_a_next_key_of_every_algorithm(db: None, frozen: FrozenClock) -> None:
    services.ensure()
    for alg in ("ES256", "RS256", "PS256", "EdDSA"):
        assert states(frozen, alg) == ["active", "next"]
    assert queries.unsigned(frozen.seconds) == []
    assert Event.objects.filter(tag="key.created").count() == 8


def test_a_second_step_changes_nothing(db: None, frozen: FrozenClock) -> None:
    services.ensure(algorithms=FAST)
    before = list(SigningKey.objects.order_by("kid").values())
    frozen.advance(DAY)
    assert services.ensure(algorithms=FAST) == []
    assert list(SigningKey.objects.order_by("kid").values()) == before


def test_the_next_key_is_published_a_whole_period_before_it_signs(db: None, frozen: FrozenClock) -> None:
    services.ensure(algorithms=FAST)
    following = queries.following("ES256", frozen.seconds)
    assert following
    assert following.published_at == frozen.seconds
    assert following.active_at == frozen.seconds + settings.VARCO.key_period


def test_the_calendar_goes_on_by_itself(db: None, frozen: FrozenClock) -> None:
    services.ensure(algorithms=FAST)
    first, second = queries.current("ES256", frozen.seconds), queries.following("ES256", frozen.seconds)
    frozen.advance(settings.VARCO.key_period)
    assert queries.current("ES256", frozen.seconds) == second
    assert [key.alg for key in services.ensure(algorithms=FAST)] == ["ES256", "EdDSA"]
    assert states(frozen) == ["retiring", "active", "next"]
    frozen.advance(settings.VARCO.key_retirement)
    assert first
    assert queries.state(SigningKey.objects.get(kid=first.kid), frozen.seconds) == "gone"


def test_a_calendar_that_slept_through_everything_starts_again(db: None, frozen: FrozenClock) -> None:
    services.ensure(algorithms=FAST)
    frozen.advance(10 * settings.VARCO.key_period)
    assert "ES256" in queries.unsigned(frozen.seconds)
    services.ensure(algorithms=FAST)
    assert states(frozen) == ["gone", "gone", "active", "next"]


def test_rotation_hands_over_to_the_key_that_was_already_published(db: None, frozen: FrozenClock) -> None:
    services.ensure(algorithms=FAST)
    first, second = queries.current("ES256", frozen.seconds), queries.following("ES256", frozen.seconds)
    frozen.advance(DAY)
    olga = people.olga()
    assert services.rotate(["ES256"], Origin(olga)) == [second]
    assert states(frozen) == ["retiring", "active", "next"]
    assert states(frozen, "EdDSA") == ["active", "next"]
    assert first
    assert SigningKey.objects.get(kid=first.kid).gone_at == frozen.seconds + settings.VARCO.key_retirement
    event = Event.objects.get(tag="key.rotated")
    assert (event.actor, event.detail["previous"]) == (olga.public_id, first.kid)


def test_a_revoked_key_is_gone_at_once_and_the_next_one_signs(db: None, frozen: FrozenClock) -> None:
    services.ensure(algorithms=FAST)
    first, second = queries.current("ES256", frozen.seconds), queries.following("ES256", frozen.seconds)
    assert first
    services.revoke(first.kid)
    assert queries.current("ES256", frozen.seconds) == second
    assert sorted(states(frozen)) == ["active", "next", "revoked"]
    calendar = KeySchedule(map(queries.times, SigningKey.objects.filter(alg="ES256")))
    assert first.kid not in {key.kid for key in calendar.published(frozen.seconds)}
    assert Event.objects.get(tag="key.revoked").detail["kid"] == first.kid


def test_revoking_the_next_key_leaves_the_active_one_and_makes_another(db: None, frozen: FrozenClock) -> None:
    services.ensure(algorithms=FAST)
    first, second = queries.current("ES256", frozen.seconds), queries.following("ES256", frozen.seconds)
    assert second
    services.revoke(second.kid)
    assert queries.current("ES256", frozen.seconds) == first
    following = queries.following("ES256", frozen.seconds)
    assert following
    assert following.kid != second.kid


def test_a_key_cannot_be_revoked_twice(db: None, frozen: FrozenClock) -> None:
    services.ensure(algorithms=FAST)
    key = SigningKey.objects.filter(alg="ES256").first()
    assert key
    services.revoke(key.kid)
    with pytest.raises(services.KeyNotFoundError):
        services.revoke(key.kid)
    with pytest.raises(services.KeyNotFoundError):
        services.revoke("es256-unknown")


def test_the_private_part_is_sealed_and_opens_under_the_master_key_only(db: None, frozen: FrozenClock) -> None:
    services.ensure(algorithms=FAST)
    key = queries.current("ES256", frozen.seconds)
    assert key
    sealed = bytes(key.sealed_private)
    der = sealing.open_sealed(settings.MASTER_KEYS, queries.PURPOSE, sealed, key.kid.encode())
    private = protocol_keys.load_private(der)
    assert protocol_keys.public_jwk(private, key.kid, "ES256") == key.public_jwk
    assert der[-32:] not in sealed
    for masters, context in (((b"x" * 32,), key.kid), (settings.MASTER_KEYS, "another-kid")):
        with pytest.raises(sealing.SealError):
            sealing.open_sealed(masters, queries.PURPOSE, sealed, context.encode())


def test_many_servers_starting_at_once_make_each_key_once(transactional_db: None, frozen: FrozenClock) -> None:
    from django.db import connection

    def start(_: int) -> None:
        try:
            services.ensure(algorithms=FAST)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(start, range(8)))
    assert states(frozen) == ["active", "next"]
    assert states(frozen, "EdDSA") == ["active", "next"]
