"""Conditions that several statements demand."""

# ruff: noqa: S608 - what is put into the texts are constants of this package


def person_lives(grant: str) -> str:
    """The person of a grant may act: the account, the membership that stands in the grant's own tenant, and the tenant.

    It must hold on each request. One row each, found by primary or unique key.
    """
    return f"""
        EXISTS (SELECT 1 FROM accounts_user u
                JOIN tenants_membership m ON m.user_id = u.id JOIN tenants_tenant t ON t.id = m.tenant_id
                WHERE u.id = {grant}.user_id AND t.id = {grant}.tenant_id AND u.is_active AND m.active
                  AND (m.expires_at IS NULL OR m.expires_at > :now)
                  AND (m.only_application_id IS NULL OR m.only_application_id = {grant}.application_id)
                  AND t.state = 'active')
    """


def blocked(grant: str) -> str:
    """The clinic's manager has blocked the application (S19)."""
    return f"""
        EXISTS (SELECT 1 FROM registry_blockedapplication b
                WHERE b.application_id = {grant}.application_id AND b.tenant_id = {grant}.tenant_id)
    """


def listed(grant: str) -> str:
    """The application's owner either named no tenants or this one too (S19)."""
    return f"""
        (NOT EXISTS (SELECT 1 FROM registry_allowedtenant w WHERE w.application_id = {grant}.application_id)
         OR EXISTS (SELECT 1 FROM registry_allowedtenant w
                    WHERE w.application_id = {grant}.application_id AND w.tenant_id = {grant}.tenant_id))
    """


def within_lock(grant: str, live_revision: str = "") -> str:
    """What is approved of the application is locked to no sandboxes, or the clinic is one of its team's now (S44).

    A team has those that it made, and those that its developers belong to. One row by its key for whatever is not locked. `registry.access.sandboxes` says the same for the portal. Who is there
    until a date is a guest: that makes no sandbox theirs; nor does a viewer of the team. `live_revision` is where a statement
    has read the application.
    """
    live = f"registry_revision lr WHERE lr.id = {live_revision}"
    if not live_revision:
        live = f"""
            registry_application ra JOIN registry_revision lr ON lr.id = ra.live_revision_id
            WHERE ra.id = {grant}.application_id
        """
    # Values and counts rather than EXISTS: under OR, PostgreSQL would read whole tables into a hash for those.
    return f"""
        (NOT COALESCE((SELECT lr.sandboxes_only FROM {live}), FALSE)
         OR (SELECT COUNT(*) FROM registry_application la
             JOIN registry_teammember lo ON lo.team_id = la.team_id AND lo.role <> 'viewer'
             JOIN accounts_user lu ON lu.id = lo.user_id
             JOIN tenants_membership lm ON lm.user_id = lu.id JOIN tenants_tenant lt ON lt.id = lm.tenant_id
             WHERE la.id = {grant}.application_id AND lt.id = {grant}.tenant_id AND lt.kind = 'sandbox'
               AND lu.is_active AND lu.developer_since IS NOT NULL AND lm.active AND lm.expires_at IS NULL) > 0
         OR (SELECT COUNT(*) FROM registry_application sa
             JOIN registry_sandbox sb ON sb.team_id = sa.team_id
             JOIN tenants_tenant st ON st.id = {grant}.tenant_id AND st.kind = 'sandbox'
             WHERE sa.id = {grant}.application_id AND st.id IN (sb.tenant_id, sb.neighbour_id)) > 0)
    """


def tenant_allows(grant: str, live_revision: str = "") -> str:
    """Neither of the two lists excludes the application at the clinic (S19), nor does the lock of what is approved (S44)."""
    return f"NOT {blocked(grant)} AND {listed(grant)} AND {within_lock(grant, live_revision)}"


def application_unchanged(of: str) -> str:
    """The application on which a decision was based, at its `version`, is that of the row and still in force (S12, S16)."""
    return f"""
        EXISTS (SELECT 1 FROM registry_application a WHERE a.id = {of} AND a.id = :application_id
                AND a.version = :version AND a.state = 'active' AND a.live_revision_id IS NOT NULL)
    """
