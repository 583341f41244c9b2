"""From rows to what the protocol's rules look at."""

from varco.audit.event import Subject
from varco.gate.store.sql.authorization import RememberedRow
from varco.gate.store.sql.grants import GrantRow
from varco.protocol.claims import Person, TenantFacts
from varco.protocol.client import Client
from varco.protocol.eligibility import EligibilityFacts
from varco.protocol.grant import GrantRecord


def grant_record(row: GrantRow) -> GrantRecord:
    """The grant of one of the `GRANT_OF_…` statements."""
    return GrantRecord(
        id=row.id,
        application_id=row.application_id,
        state=row.state,
        scopes=row.scopes,
        code_expires_at=row.code_expires_at,
        redirect_uri=row.redirect_uri,
        redirect_uri_sent=row.redirect_uri_sent,
        code_challenge=row.code_challenge,
        code_challenge_method=row.code_challenge_method,
        dpop_jkt=row.dpop_jkt,
        n=row.n,
        rotated_at=row.rotated_at,
        idle_expires_at=row.idle_expires_at,
        expires_at=row.expires_at,
        end_reason=row.end_reason,
        tenant_id=row.tenant_id,
        tenant_state=row.tenant_state,
        user_is_active=row.user_active,
        membership_active=bool(row.membership_active),
        membership_expires_at=row.membership_expires_at,
        membership_tenant_id=row.membership_tenant_id,
        membership_application_id=row.membership_application_id,
        blocked=row.blocked,
        listed=row.listed,
        within_lock=row.within_lock,
    )


def remembered_facts(row: RememberedRow, client: Client) -> EligibilityFacts:
    """What eligibility looks at, of somebody who has accepted a client before; `client` as of the row's version."""
    return EligibilityFacts(
        in_force=client.usable,
        user_active=row.user_active,
        tenant_id=row.tenant_id,
        membership_tenant_id=row.tenant_id,
        membership_active=row.membership_active,
        membership_expires_at=row.membership_expires_at,
        membership_application_id=row.membership_application_id,
        application_id=client.application_id,
        tenant_state=row.tenant_state,
        blocked=row.blocked,
        listed=row.listed,
        within_lock=row.within_lock,
    )


def person(row: GrantRow) -> Person:
    """The user of a grant, with everything a claim group may release."""
    return Person(
        sub=row.sub,
        given_name=row.given_name,
        family_name=row.family_name,
        locale=row.language,
        updated_at=row.user_updated_at,
        email=row.email,
        email_verified=row.email_verified,
    )


def tenant(row: GrantRow) -> TenantFacts:
    """The medical centre of a grant."""
    return TenantFacts(row.tenant, row.tenant_name)


def subject(row: GrantRow) -> Subject:
    """Whom an event about a grant is about."""
    return Subject(
        row.application_id,
        row.application_name,
        row.sub,
        row.tenant,
        f"{row.given_name} {row.family_name}".strip() or row.email,
    )
