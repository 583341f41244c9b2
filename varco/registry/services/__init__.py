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
from varco.registry.services.keys import read_keys
from varco.registry.services.logos import remove_logo, set_logo
from varco.registry.services.overlap import set_overlap_end
from varco.registry.services.review import assign, note, send_answer, send_question
from varco.registry.services.revisions import approve, reject, request_changes, save_draft, submit, withdraw
from varco.registry.services.secrets import NewSecret, create_secret, end_leaked_secret, revoke_secret
from varco.registry.services.sweeping import sweep
from varco.registry.services.teams import (
    appoint_owner,
    change_team_role,
    create_team,
    invite_to_team,
    join_team,
    remove_team_member,
    rename_team,
    withdraw_team_invitation,
)
from varco.registry.services.tenants import add_tenant, remove_tenant, tenants_stamp
from varco.registry.services.transfers import accept_transfer, decline_transfer, offer_transfer, withdraw_transfer

__all__ = [
    "KeyReusedError",
    "NewSecret",
    "accept_transfer",
    "add_tenant",
    "appoint_owner",
    "approve",
    "assign",
    "block",
    "block_unconfirmed",
    "change_team_role",
    "check_contact",
    "confirm_contact",
    "create_application",
    "create_once",
    "create_secret",
    "create_team",
    "decline_transfer",
    "edit_details",
    "end_leaked_secret",
    "invite_to_team",
    "join_team",
    "note",
    "offer_transfer",
    "read_keys",
    "reject",
    "remove_logo",
    "remove_team_member",
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
    "tenants_stamp",
    "unblock",
    "withdraw",
    "withdraw_team_invitation",
    "withdraw_transfer",
]
