"""Addresses of the management API; whatever else is below `/manage` is 404."""

from django.urls import path

from varco.management import applications, centres, drafts, history, messages, secrets, teams, transfers
from varco.management.operations import at

BASE = "manage/v1/"
ONE = f"{BASE}applications/<int:application_id>"

TEAM = f"{BASE}teams/<slug:team_id>"

urlpatterns = [
    path(f"{BASE}applications", at(applications.list_applications, applications.create_application)),
    path(ONE, at(applications.read_application, applications.change_details)),
    path(f"{ONE}/draft", at(drafts.read_draft, drafts.replace_draft, drafts.change_draft)),
    path(f"{ONE}/redirect-uris", at(drafts.change_redirect_uris)),
    path(f"{ONE}/submit", at(drafts.submit)),
    path(f"{ONE}/withdraw", at(drafts.withdraw)),
    path(f"{ONE}/retire", at(applications.retire)),
    path(f"{ONE}/messages", at(messages.list_messages, messages.send_message)),
    path(f"{ONE}/messages/<int:message_id>", at(messages.read_message)),
    path(f"{ONE}/centres", at(centres.list_centres, centres.add_centre)),
    path(f"{ONE}/centres/<slug:tenant_id>", at(centres.remove_centre)),
    path(f"{ONE}/transfer", at(transfers.read_transfer, transfers.offer_transfer, transfers.withdraw_transfer)),
    path(f"{ONE}/revisions", at(history.list_revisions)),
    path(f"{ONE}/revisions/<int:number>", at(history.read_revision)),
    path(f"{ONE}/history", at(history.list_history)),
    path(f"{ONE}/secrets", at(secrets.list_secrets, secrets.create_secret)),
    path(f"{ONE}/secrets/<int:secret_id>", at(secrets.read_secret, secrets.revoke_secret)),
    path(f"{BASE}teams", at(teams.list_teams, teams.create_team)),
    path(TEAM, at(teams.read_team, teams.rename_team)),
    path(f"{TEAM}/invitations", at(teams.invite_member)),
    path(f"{TEAM}/invitations/<int:invitation_id>", at(teams.withdraw_invitation)),
    path(f"{TEAM}/members/<int:member_id>", at(teams.change_member, teams.remove_member)),
    path(f"{TEAM}/offers", at(transfers.list_offers)),
    path(f"{TEAM}/offers/<int:offer_id>", at(transfers.read_offer)),
    path(f"{TEAM}/offers/<int:offer_id>/accept", at(transfers.accept_transfer)),
    path(f"{TEAM}/offers/<int:offer_id>/decline", at(transfers.decline_transfer)),
]
