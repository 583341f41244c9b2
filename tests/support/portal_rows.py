"""What each address of the portal answers to whom: one row a pattern, for `tests/portal/test_every_address.py`.

A status is a number; `SIGN_IN` and `CONFIRM` are redirects to the page of that name, `ON` a redirect further on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from allauth.usersessions.models import UserSession

from tests.support.portal_world import Side

SIGN_IN, CONFIRM, ON = "sign in", "confirm it is you", "on"
Status = int | str


@dataclass(frozen=True, slots=True)
class Row:
    """`anonymous` is for somebody signed out, `others` for everybody whom `by` does not name by their part."""

    anonymous: Status
    others: Status
    by: Mapping[str, Status] = field(default_factory=dict)
    arguments: Callable[[Side], dict[str, Any]] = lambda _side: {}
    query: Mapping[str, str] = field(default_factory=dict)

    def status(self, part: str) -> Status:
        return self.by.get(part, self.anonymous if part == "anonymous" else self.others)


def anybody(status: Status = 200, **more: Any) -> Row:
    return Row(status, status, **more)


def signed_in(status: Status = 200, **more: Any) -> Row:
    return Row(SIGN_IN, status, **more)


def only(*parts: str, status: Status = 200, **more: Any) -> Row:
    """To everybody else it does not exist."""
    return Row(SIGN_IN, 404, dict.fromkeys(parts, status), **more)


def _developers(status: Status = 200) -> Row:
    return only("developer", "other developer", status=status)


def _own(status: Status = 200, **more: Callable[[Side], Any]) -> Row:
    """An application of the developer."""
    wanted = {"pk": lambda side: side.application.pk} | more
    return only("developer", status=status, arguments=lambda side: {name: read(side) for name, read in wanted.items()})


def _of_team(status: Status = 200, **more: Callable[[Side], Any]) -> Row:
    """A team of the developer."""
    wanted = {"team_id": lambda side: side.team.public_id} | more
    return only("developer", status=status, arguments=lambda side: {name: read(side) for name, read in wanted.items()})


def _of_sandbox() -> Row:
    """A sandbox of the developer's team."""
    return only("developer", arguments=lambda side: {"tenant_id": side.sandbox.tenant.public_id})


def _desk(status: Status = 200, **more: Any) -> Row:
    return only("operator", status=status, **more)


def _readers() -> Row:
    return only("manager", "other manager", "dpo", "other dpo")


def _patient_question(side: Side) -> dict[str, Any]:
    return {"pk": side.question_id}


def _application(side: Side) -> dict[str, Any]:
    return {"pk": side.application.pk}


def _client(side: Side) -> dict[str, Any]:
    return {"client_id": side.client_id}


def _passkey(side: Side) -> dict[str, Any]:
    return {"pk": side.passkey_id}


def _session(side: Side) -> dict[str, Any]:
    return {"pk": UserSession.objects.filter(user=side.people["doctor"]).latest("pk").pk}


def _integrator(side: Side) -> dict[str, Any]:
    return {"pk": side.integrator_id}


def _doctor(side: Side) -> dict[str, Any]:
    return {"subject": side.people["doctor"].public_id}


def _tenant(side: Side) -> dict[str, Any]:
    return {"tenant_id": side.tenant.public_id}


def _proposal(side: Side) -> dict[str, Any]:
    return {"pk": side.proposal_id}


def _invitation(side: Side) -> dict[str, Any]:
    return {"pk": side.invitation_id}


def _question(side: Side) -> dict[str, Any]:
    return {"number": side.question.number}


def _file(side: Side) -> dict[str, Any]:
    return {"number": side.question.number, "pk": side.file_id}


def _developer(side: Side) -> dict[str, Any]:
    return {"subject": side.people["developer"].public_id}


_OF_THE_DESK: dict[str, Status] = {"operator": 405, "support": 405}


def _support(status: Status = 200, **more: Any) -> Row:
    return only("operator", "support", status=status, **more)


def _interaction(side: Side) -> dict[str, Any]:
    return {"handle": side.interaction_id}


ROWS: dict[str, Row] = {
    "home": anybody(),
    "language": anybody(405),
    "logo": anybody(404, arguments=lambda _side: {"digest": "0" * 64}),
    "favicon": anybody(ON),
    "touch_icon": anybody(ON),
    "change_password": anybody(ON),
    "unsupported": anybody(),
    "terms": anybody(),
    "find_request": anybody(),
    "request": anybody(arguments=lambda side: {"request_id": side.request_id}),
    "styleguide": anybody(),
    "demo:mailbox": anybody(),
    "demo:people": signed_in(),
    "demo:sign_in": anybody(405),
    "demo:message": anybody(arguments=lambda side: {"pk": side.message_id}),
    "demo:letter": anybody(arguments=lambda side: {"pk": side.message_id}),
    # An interaction belongs to the browser that began it.
    "authorize:start": anybody(400),
    "authorize:continue": Row(403, 403, {"doctor": 200}, _interaction),
    "authorize:account": anybody(405, arguments=_interaction),
    "authorize:confirm": Row(403, 403, {"doctor": ON}, _interaction),
    "logout:start": Row(ON, 200),
    "logout:confirm": anybody(400),
    "logout:done": Row(200, ON),
    "device:page": signed_in(),
    "device_qr": anybody(arguments=lambda _side: {"form": "svg"}, query={"user_code": "BCDFGHJK"}),
    "connected:list": signed_in(),
    "connected:application": only("doctor", arguments=_client),
    "connected:withdraw": only("doctor", arguments=_client),
    "account:overview": signed_in(),
    "account:register": Row(200, ON),
    "account:registration_sent": anybody(),
    "account:registration_confirm": anybody(410),
    "account:step_up": signed_in(ON, by=dict.fromkeys(("doctor", "other doctor"), 200)),
    "account:second_step": signed_in(ON),
    "account:integrator_invitation": anybody(410),
    "account:invitation": anybody(410),
    "account:profile": signed_in(),
    "account:sessions": signed_in(),
    "account:add_passkey": signed_in(CONFIRM),
    "account:sign_out_everywhere": anybody(405),
    "account:data": signed_in(),
    "account:close": signed_in(),
    "account:undo_address": anybody(410),
    "account:change_email": signed_in(),
    "account:end_session": only("doctor", arguments=_session),
    "account:lost_factor": Row(SIGN_IN, SIGN_IN),
    "account:passkey_sign_in": Row(SIGN_IN, ON),
    "account:passkey_confirm": signed_in(CONFIRM, by=dict.fromkeys(("doctor", "other doctor"), 200)),
    "account:deactivate_app": signed_in(404),
    "account:remove_passkey": Row(SIGN_IN, CONFIRM, arguments=_passkey),
    "account_login": Row(200, ON),
    "account_logout": Row(ON, 200),
    "account_inactive": anybody(),
    "account_signup": Row(200, ON),
    "account_reauthenticate": signed_in(),
    "account_email": signed_in(),
    "account_email_verification_sent": anybody(),
    "account_change_password": signed_in(),
    "account_set_password": signed_in(ON),
    "account_reset_password": anybody(),
    "account_confirm_login_code": Row(SIGN_IN, ON),
    "account_confirm_email": anybody(arguments=lambda side: {"key": side.confirmation}),
    "account_reset_password_from_key": anybody(arguments=lambda _side: {"uidb36": "1", "key": "no-key-at-all"}),
    "account_reset_password_from_key_done": anybody(),
    "account_reset_password_done": anybody(),
    "usersessions_list": signed_in(),
    "mfa_index": signed_in(),
    "mfa_authenticate": Row(SIGN_IN, ON),
    "mfa_reauthenticate": Row(SIGN_IN, CONFIRM),
    "mfa_activate_totp": signed_in(CONFIRM),
    "mfa_deactivate_totp": signed_in(404),
    "mfa_view_recovery_codes": signed_in(404),
    "mfa_generate_recovery_codes": signed_in(CONFIRM),
    "mfa_download_recovery_codes": signed_in(404),
    "mfa_list_webauthn": signed_in(),
    "mfa_add_webauthn": signed_in(CONFIRM),
    "mfa_reauthenticate_webauthn": signed_in(CONFIRM, by=dict.fromkeys(("doctor", "other doctor"), 200)),
    "mfa_login_webauthn": Row(SIGN_IN, ON),
    "mfa_remove_webauthn": Row(SIGN_IN, CONFIRM, arguments=_passkey),
    "mfa_edit_webauthn": signed_in(CONFIRM, arguments=_passkey),
    # A manager knows the own clinic only, and in it the applications that its people use.
    "clinic:applications": only("manager", "other manager"),
    "clinic:application": only("manager", arguments=_client),
    "clinic:block": only("manager", arguments=_client),
    "clinic:integrators": only("manager", "other manager"),
    "clinic:integrator_new": only("manager", "other manager", status=ON),
    "clinic:integrator": only("manager", arguments=_integrator),
    "clinic:integrator_dates": only("manager", arguments=_integrator),
    "clinic:integrator_end": only("manager", arguments=_integrator),
    # Managers are told by 405 that it takes a form; the form itself finds no access of another clinic.
    "clinic:integrator_invite": Row(405, 404, {"manager": 405, "other manager": 405}, _integrator),
    "clinic:integrator_report": only("manager", arguments=_integrator),
    "clinic:confirmations": only("manager", "other manager"),
    "clinic:unblock": only("manager", status=409, arguments=_client),
    "clinic:people": only("manager", "other manager"),
    "clinic:invite": only("manager", "other manager"),
    "clinic:invite_again": Row(405, 404, {"manager": 405, "other manager": 405}, _invitation),
    "clinic:withdraw_invitation": Row(405, 404, {"manager": 405, "other manager": 405}, _invitation),
    "clinic:person": only("manager", arguments=_doctor),
    "clinic:change_person": only("manager", arguments=_doctor),
    "clinic:deactivate_person": only("manager", arguments=_doctor),
    "clinic:activate_person": only("manager", arguments=_doctor),
    "clinic:settings": only("manager", "other manager"),
    "clinic:join": anybody(410),
    # Records are read by managers and data protection officers of the own clinic; those of another clinic do not exist.
    "records:log": _readers(),
    "records:export": _readers(),
    "records:questions": _readers(),
    "records:new_question": _readers(),
    "records:question": only("manager", "dpo", arguments=_patient_question),
    "records:answer_pdf": only("manager", "dpo", arguments=_patient_question),
    "records:answer_csv": only("manager", "dpo", arguments=_patient_question),
    "records:answered": only("manager", "dpo", arguments=_patient_question),
    "records:applications": _readers(),
    "records:evidence": only("manager", "dpo", arguments=_client),
    "records:evidence_export": only("manager", "dpo", arguments=_client),
    "incident:pack": _desk(),
    "developer:list": _developers(),
    "developer:start": _developers(),
    "developer:new": _developers(),
    "developer:guide": _developers(),
    "developer:guide_question": only("developer", "other developer", arguments=lambda _side: {"name": "difference"}),
    "developer:client": _own(),
    "developer:revise": _own(),
    "developer:edit": _own(ON),
    "developer:step": _own(name=lambda _side: "scopes"),
    "developer:summary": _own(),
    "developer:submit": _own(),
    "developer:thread": _own(),
    "developer:withdraw": _own(),
    "developer:quick_start": _own(),
    "developer:logo": _own(),
    "developer:details": _own(),
    "developer:transfer": _own(),
    "developer:first_token": _own(ON),
    "developer:sandbox": Row(405, 404, {"developer": 405, "other developer": 405}, _application),
    "developer:take_back": Row(405, 404, {"developer": 405, "other developer": 405}, _application),
    "teams:list": _developers(),
    "teams:new": _developers(),
    "teams:join": anybody(410),
    "teams:team": _of_team(),
    "teams:rename": _of_team(),
    "teams:invite": _of_team(),
    "teams:withdraw_invitation": Row(
        405, 404, {"developer": 405, "other developer": 405}, lambda side: {"team_id": side.team.public_id, "pk": 1}
    ),
    "teams:member": _of_team(pk=lambda side: side.team.members.latest("pk").pk),
    "teams:remove": _of_team(pk=lambda side: side.team.members.latest("pk").pk),
    "teams:answer": _of_team(pk=lambda side: side.offer_id),
    "sandboxes:list": _developers(),
    "sandboxes:new": _developers(),
    "sandboxes:sandbox": _of_sandbox(),
    "sandboxes:reset": _of_sandbox(),
    "sandboxes:remove": _of_sandbox(),
    "sandboxes:enter": Row(
        405,
        404,
        {"developer": 405, "other developer": 405},
        lambda side: {"tenant_id": side.sandbox.tenant.public_id, "key": "doctor"},
    ),
    "developer:retire": _own(),
    "developer:new_secret": _own(),
    "developer:keys": _own(),
    "developer:secrets_end": _own(),
    "developer:revoke_secret": _own(secret_pk=lambda side: side.secret_id),
    "developer:leaked_secret": _own(secret_pk=lambda side: side.secret_id),
    "developer:add_tenant": _own(),
    "developer:remove_tenant": _own(tenant_id=lambda side: side.tenant.public_id),
    "developer:signals": _own(),
    "developer:change_signals": _own(),
    "developer:remove_signals": _own(),
    "developer:centres": _own(),
    "developer:centre": _own(tenant_id=lambda side: side.tenant.public_id),
    "developer:contacts": _own(),
    "developer:environments": _own(),
    "developer:usage": _own(),
    "developer:refusals": _own(),
    "developer:refusal": _own(request_id=lambda side: side.request_id),
    "staff:queue": _desk(),
    "staff:all": _desk(),
    "staff:teams": _desk(),
    "staff:team": _desk(arguments=lambda side: {"team_id": side.team.public_id}),
    "staff:review": _desk(arguments=lambda side: {"pk": side.first.pk}),
    "staff:thread": _desk(arguments=lambda side: {"pk": side.first.pk}),
    "staff:assign": _desk(ON, arguments=lambda side: {"pk": side.first.pk}),
    "staff:application": _desk(arguments=_application),
    "staff:suspend": _desk(arguments=_application),
    "staff:restore": _desk(409, arguments=_application),
    "staff:pkce": _desk(arguments=_application),
    "administration:users": _desk(),
    "administration:user": _desk(arguments=_doctor),
    "administration:give_role": _desk(arguments=lambda side: _doctor(side) | {"role": "support"}),
    "administration:take_role": _desk(arguments=lambda side: _doctor(side) | {"role": "support"}),
    "administration:lock": _desk(arguments=_doctor),
    "administration:unlock": _desk(arguments=_doctor),
    "administration:end_sessions": _desk(arguments=_doctor),
    "administration:reset_factors": _desk(arguments=_doctor),
    "administration:proposals": _desk(),
    "administration:proposal": _desk(arguments=_proposal),
    "administration:refuse_proposal": _desk(arguments=_proposal),
    "administration:tenants": _desk(),
    "administration:new_tenant": _desk(),
    "administration:tenant": _desk(arguments=_tenant),
    "administration:invite_manager": _desk(arguments=_tenant),
    "administration:suspend_tenant": _desk(arguments=_tenant),
    "administration:restore_tenant": _desk(arguments=_tenant),
    "administration:close_tenant": _desk(arguments=_tenant),
    "administration:audit": _desk(),
    "administration:platform": _desk(),
    "administration:mail": _desk(),
    "administration:retry_mail": _desk(arguments=lambda side: {"pk": side.message_id}),
    "administration:keys": _desk(),
    "administration:rotate_key": _desk(arguments=lambda _side: {"alg": "ES256"}),
    "administration:roles": _desk(),
    "administration:settings": _desk(),
    "status:status": anybody(),
    "documentation:index": anybody(),
    "documentation:page": anybody(arguments=lambda _side: {"name": "signing-in"}),
    "documentation:markdown": anybody(arguments=lambda _side: {"name": "signing-in"}),
    "documentation:changes": anybody(),
    "documentation:atom": anybody(),
    "documentation:json_feed": anybody(),
    "documentation:error": anybody(arguments=lambda _side: {"code": "invalid_grant"}),
    "documentation:picture": anybody(arguments=lambda _side: {"name": "ticket-light.png"}),
    "documentation:file": anybody(arguments=lambda _side: {"name": "deploy/Caddyfile"}),
    # A ticket exists for those who asked, for whoever manages the medical centre it is of, and, at another address, for support.
    "tickets:list": signed_in(),
    "tickets:new": signed_in(),
    "tickets:developer_role": signed_in(),
    "tickets:open": only("manager", "other manager", arguments=lambda _side: {"kind": "developer_activation"}),
    "tickets:ticket": only("doctor", arguments=_question),
    "tickets:close": anybody(405, arguments=_question),
    "tickets:confirm": only("manager", arguments=lambda side: {"number": side.lost_factor.number}),
    "tickets:file": only("doctor", arguments=_file),
    "support:inbox": _support(),
    "support:ticket": _support(arguments=lambda side: {"number": side.activation.number}),
    "support:assign": Row(405, 404, _OF_THE_DESK, _question),
    "support:file": _support(arguments=_file),
    "support:developers": _support(),
    "support:developer": _support(arguments=_developer),
    "support:deactivate": _support(arguments=_developer),
    "support:invite_again": Row(405, 404, _OF_THE_DESK, lambda side: _developer(side) | {"pk": 1}),
}
