"""What an application asks a person for, and what the answer comes to (S18). Nothing is read or written here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from varco.protocol.claims import granted_groups, parse_request, requested_groups
from varco.protocol.client import Client
from varco.protocol.scope import OPENID


@dataclass(frozen=True, slots=True)
class ConsentDecision:
    """What a person accepted and refused; `groups` are the claim groups that come of it.

    `refused` holds scopes, and claim groups asked for by themselves; the two share their names (`profile`, `email`).
    """

    scopes: tuple[str, ...]
    refused: tuple[str, ...]
    groups: frozenset[str]
    claims_request: str = ""  # the `claims` parameter, reduced to what was accepted

    @property
    def scope(self) -> str:
        """The accepted scopes as tokens carry them."""
        return " ".join(self.scopes)

    @property
    def claims(self) -> str:
        """The claim groups as a grant keeps them."""
        return " ".join(sorted(self.groups))


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """One request for consent: scopes in the order asked, those without which there is no acceptance, and claims.

    `claim_groups` are asked for one by one with the `claims` parameter (OpenID Connect Core §5.5) and by no scope;
    `registered` are the claim groups that the application's approved registration holds.
    """

    scopes: tuple[str, ...]
    required: frozenset[str]
    claim_groups: tuple[str, ...] = ()
    registered: frozenset[str] = frozenset()
    claims_request: str = ""

    def answer(self, scopes: Collection[str], claim_groups: Collection[str] = ()) -> ConsentDecision | None:
        """The acceptance of these scopes and claim groups; None when it lacks a required one, or comes to nothing at all.

        `openid` comes with every acceptance; nothing else is granted that the form did not say. What was not asked for is
        left out, whoever put it in the form.
        """
        accepted = tuple(name for name in self.scopes if name == OPENID or name in scopes)
        if not accepted or not self.required <= set(accepted):
            return None
        single = frozenset(name for name in self.claim_groups if name in claim_groups)
        groups = granted_groups(self.registered, accepted) | single
        requested = (*self.scopes, *self.claim_groups)
        return ConsentDecision(
            scopes=accepted,
            refused=tuple(name for name in requested if name not in accepted and name not in groups),
            groups=groups,
            claims_request=parse_request(self.claims_request, groups),
        )

    def everything(self) -> ConsentDecision | None:
        """The acceptance of all that is asked for."""
        return self.answer(self.scopes, self.claim_groups)

    def remembered(self, scopes: str, claims: str) -> ConsentDecision | None:
        """The acceptance of all that is asked for, where a consent that stands accepted it before; None where it does not."""
        everything = self.everything()
        if everything is None or not set(self.scopes) <= set(scopes.split()):
            return None
        return everything if everything.groups <= set(claims.split()) else None


def consent_request_of(client: Client, scopes: Iterable[str], claims_request: str = "") -> ConsentRequest:
    """What a request of this client asks the person for, as far as its revision in force still has it.

    `openid` is required wherever it is asked for.
    """
    requested = tuple(name for name in scopes if name in client.scopes)
    required = frozenset(name for name in requested if name == OPENID or client.scopes[name].required)
    by_scope = granted_groups(client.claims, requested)
    single = tuple(sorted(requested_groups(claims_request) & client.claims - by_scope))
    return ConsentRequest(requested, required, single, client.claims, claims_request)
