"""What the settings of the rate limit may say, and what a worker's share is."""

import dataclasses
from pathlib import Path

import pytest

from varco import config
from varco.config import ConfigError, Settings

ISSUER = "https://login.example.org"
POSTGRES = {f"VARCO_{name}_DATABASE": f"postgresql://x/{name}" for name in ("PLATFORM", "CLINIC", "SANDBOX")}


def load(**changes: str) -> Settings:
    return config.load(
        {"VARCO_ISSUER": ISSUER, **POSTGRES} | {f"VARCO_{name}": value for name, value in changes.items()}
    )


@pytest.mark.parametrize(
    "url",
    [
        "redis://store.example.org",
        "redis://store.example.org:6380/3",
        "redis://varco:p%40ss@[::1]:6379/",
        "rediss://:hunter2@store.example.org:6380/0",
        "unix:///run/valkey/valkey.sock",
        "unix://varco:hunter2@/run/redis/redis.sock?db=2",
    ],
)
def test_a_store_has_one_of_three_forms(url: str) -> None:
    assert load(RATE_LIMIT_STORE=url).rate_limit_store == url


@pytest.mark.parametrize(
    "url",
    [
        "store.example.org:6379",
        "http://store.example.org",
        "valkey://store.example.org",
        "redis://",
        "redis:///0",
        "redis://store.example.org:0",
        "redis://store.example.org:66000",
        "redis://store.example.org:hunter2",
        "redis://varco:hunter2",
        "redis://varco:hunter2℀@store.example.org",
        "redis://store.example.org/first",
        "redis://store.example.org//1",
        "redis://store.example.org/0/1",
        "redis://store.example.org/-1",
        "redis://store.example.org#0",
        "redis://store.example.org?db=1",
        "redis://store.example.org?max_connections=1",
        "redis://store.example.org?x",
        "redis://store example.org",
        "redis://store.example.org\n",
        "rediss://store.example.org?ssl_cert_reqs=none",
        "rediss://store.example.org?ssl_ca_certs=/nowhere/ca.pem",
        "unix://run/redis.sock",
        "unix://",
        "unix:///",
        "unix:///run/redis.sock?db=first",
        "unix:///run/redis.sock?db=",
    ],
)
def test_anything_else_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(RATE_LIMIT_STORE=url)
    assert str(refused.value).startswith("VARCO_RATE_LIMIT_STORE: ")
    assert "hunter2" not in str(refused.value)


def test_an_authority_of_ones_own_for_tls_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    url = f"rediss://store.example.org?ssl_ca_certs={tmp_path}/ca.pem"
    assert load(RATE_LIMIT_STORE=url).rate_limit_store == url


def test_the_url_of_a_store_is_not_shown() -> None:
    assert "hunter2" not in repr(load(RATE_LIMIT_STORE="redis://:hunter2@store.example.org"))


@pytest.mark.parametrize("shares", ["0", "1001", "-1", "two", "1.5", " 1"])
def test_shares_are_a_number(shares: str) -> None:
    with pytest.raises(ConfigError, match=r"^VARCO_RATE_LIMIT_SHARES: must be "):
        load(RATE_LIMIT_SHARES=shares)


def test_the_share_of_a_worker_is_the_limit_divided_and_at_least_one() -> None:
    settings = load(RATE_LIMIT="600", WORKERS="4")
    assert settings.rate_share == 150
    assert dataclasses.replace(settings, rate_limit_shares=2).rate_share == 75
    assert dataclasses.replace(settings, rate_limit=3).rate_share == 1
    assert load().rate_share == 600
