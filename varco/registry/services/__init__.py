"""Services of the registry: everything that changes an application, its revisions or its secrets.

Each service takes the application (or revision, or secret) as the caller read it and an `audit.services.Origin` naming
the person who acts; it locks the application, reads it again, asks `registry.lifecycle` whether the act is possible,
and writes the change, its audit event and its notifications in one transaction. `stamp` is `registration.stamp(…)` of
what the person had before their eyes; if that is no longer how things stand, nothing is done.

All raise, from `registry.errors`: `Denied` (the actor has no part in this application), `Conflict` (no longer possible,
or the page was stale) and `Invalid` (faults by field).
"""

from varco.registry.services.applications import (
    create_application,
    edit_details,
    restore,
    retire,
    set_pkce_required,
    suspend,
)
from varco.registry.services.blocking import block, block_unconfirmed, unblock
from varco.registry.services.contacts import check_contact, confirm_contact
from varco.registry.services.creations import KeyReusedError, create_once
from varco.registry.services.logos import remove_logo, set_logo
from varco.registry.services.overlap import set_overlap_end
from varco.registry.services.review import assign, note, send_answer, send_question
from varco.registry.services.revisions import approve, reject, request_changes, save_draft, submit, withdraw
from varco.registry.services.secrets import NewSecret, create_secret, end_leaked_secret, revoke_secret
from varco.registry.services.sweeping import sweep
from varco.registry.services.teams import (
    appoint_owner,
    change_role,
    create_team,
    invite,
    join,
    remove_member,
    rename_team,
    withdraw_invitation,
)
from varco.registry.services.tenants import add_tenant, remove_tenant, tenants_stamp
from varco.registry.services.transfers import accept, decline, offer, take_back

__all__ = [
    "KeyReusedError",
    "NewSecret",
    "accept",
    "add_tenant",
    "appoint_owner",
    "approve",
    "assign",
    "block",
    "block_unconfirmed",
    "change_role",
    "check_contact",
    "confirm_contact",
    "create_application",
    "create_once",
    "create_secret",
    "create_team",
    "decline",
    "edit_details",
    "end_leaked_secret",
    "invite",
    "join",
    "note",
    "offer",
    "reject",
    "remove_logo",
    "remove_member",
    "remove_tenant",
    "rename_team",
    "request_changes",
    "restore",
    "retire",
    "revoke_secret",
    "save_draft",
    "send_answer",
    "send_question",
    "set_logo",
    "set_overlap_end",
    "set_pkce_required",
    "submit",
    "suspend",
    "sweep",
    "take_back",
    "tenants_stamp",
    "unblock",
    "withdraw",
    "withdraw_invitation",
]
