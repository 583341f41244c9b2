"""The catalogue: what software may ask for and what people may do, in the words of one vendor.

One TOML file (`giponext.toml`, or the one that `VARCO_CATALOG` names) is read once and never changes while the process
runs: `loading` reads and checks it, `schema` says what stands in it. `current()` is how everybody else gets it.

- *scope*: what an application asks a person for, the most that one token may do; identity, lifetime or data.
- *claim group*: claims about a person that are registered, reviewed and consented to as one (OpenID Connect Core §5.4).
- *permission*: what a person may do in their own clinic; *role*: the permissions that a kind of member starts with.
- *permission set*: permissions that belong together for a piece of work, which a manager chooses as one.
- *resource* (`[api.…]`): the scope and the permissions that the API's operations on it need. One that is not listed is
  not served, so the same code stands before a product with other names, or with less in it.
- *change*: an entry of the changelog for developers, of the product (`changes.toml`) or of the vendor; *deprecation*: an
  operation that is to be used no more, and the change that says what to do.
"""

from varco.catalog.loading import CatalogError, current, load
from varco.catalog.schema import (
    LANGUAGES,
    Catalog,
    Change,
    Claim,
    Deprecation,
    Permission,
    PermissionSet,
    Resource,
    Role,
    Scope,
    Words,
)

__all__ = [
    "LANGUAGES",
    "Catalog",
    "CatalogError",
    "Change",
    "Claim",
    "Deprecation",
    "Permission",
    "PermissionSet",
    "Resource",
    "Role",
    "Scope",
    "Words",
    "current",
    "load",
]
