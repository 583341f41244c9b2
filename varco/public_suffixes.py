"""Under what names of the internet are given out: by registries, as `co.uk`, and by services to anybody, as `github.io`.

The list comes with its library and is read once; no network is asked.
"""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def public_suffix(host: str, *, of_registries: bool = False) -> str:
    """The public suffix that a host name ends in, itself if it is one; empty where none is known. `of_registries`: without those of services."""
    return _suffixes(only_icann=of_registries).publicsuffix(host) or ""


def registered_name(host: str) -> str:
    """The public suffix and the one label before it, which somebody registered; empty where there is none."""
    return _suffixes(only_icann=False).privatesuffix(host) or ""


@cache
def _suffixes(*, only_icann: bool) -> "PublicSuffixList":
    # Reading its file takes 50 ms, which whoever looks at no host need not wait for.
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False, only_icann=only_icann)
