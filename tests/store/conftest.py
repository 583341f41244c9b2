"""What the tests of the store share."""

from varco import config
from varco.config import Settings


def settings_of(database_urls: dict[str, str]) -> Settings:
    """Settings with this run's databases."""
    environment = {"VARCO_ISSUER": "http://localhost:8000"}
    return config.load(environment | {f"VARCO_{alias.upper()}_DATABASE": url for alias, url in database_urls.items()})
