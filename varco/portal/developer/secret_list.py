"""The secrets of an application as its page lists them."""

from typing import Any

from django.core.paginator import Page

from varco import clock
from varco.registry import queries
from varco.registry.models import Application
from varco.registry.secret_expiry import DAY, WARN_DAYS
from varco.registry.secret_use import use_of


def with_use(page: Page[Any], application: Application) -> Page[Any]:
    """A page of `queries.secrets` whose live ones have `use` (`Use`) and `ends_soon`, within the first warning's days."""
    live, now = list(queries.live_secrets(application)), clock.now()
    for secret in page.object_list:
        if secret.is_live:
            secret.use = use_of(secret, live, now)
            secret.ends_soon = secret.expires_at is not None and secret.expires_at <= now + WARN_DAYS[0] * DAY
    return page
