"""What a scope opens in the API, from the catalogue."""

from dataclasses import dataclass

from django.utils.translation import get_language

from varco import catalog

READ = "read"


@dataclass(frozen=True, slots=True)
class Opening:
    """A resource of the API, and what may be done with it in words."""

    resource: str
    acts: tuple[str, ...]


def openings(scope: str) -> list[Opening]:
    """The resources that a scope opens; none for one of identity, or where the API does not serve the data yet."""
    return [
        Opening(name, tuple(_label(resource.permissions[access]) for access in accesses))
        for name, resource in catalog.current().api.items()
        if (accesses := _accesses(resource, scope))
    ]


def _accesses(resource: catalog.Resource, scope: str) -> tuple[str, ...]:
    if scope == resource.scope:
        return tuple(resource.permissions)
    return (READ,) if scope == resource.read_scope and READ in resource.permissions else ()


def _label(permission: str) -> str:
    return catalog.current().permissions[permission].label.in_language(get_language() or "en")
