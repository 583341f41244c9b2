"""Every text that a person sets and others read keeps the rule of `varco.text`: each field of a model and of a form is walked."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

import varco.portal
from tests.support import registrations
from varco.clinical.patients import unseen_fault
from varco.integrators.services import acting as integrator_acting
from varco.integrators.services import request as integrator_request
from varco.protocol.fault import Fault
from varco.registry import validation
from varco.registry.errors import Invalid
from varco.registry.registration import ScopeRequest
from varco.registry.services.texts import plain_text
from varco.tickets.services.locking import written
from varco.validators import PersonName, ReadableText

Field = models.CharField | models.TextField  # type: ignore[type-arg] # not subscriptable at run time
TURNED, LINES = "abc\u202edef ghi jkl", "abc def\nghi jkl"

# Fields of models that no person words: ids, states, hashes, addresses, what programs and catalogue say.
NOT_WORDS = {
    "accounts.FailedAttempt": {"key"},
    "accounts.Invitation": {"digest"},
    "accounts.AddressChange": {"before", "after", "digest"},
    "accounts.PendingAccount": {"digest", "email", "language", "password", "terms_version"},
    "accounts.User": {"password", "public_id", "email", "language", "platform_role", "terms_version"},
    "audit.Event": None,  # names as they stood where they keep the rule
    "audit.ChainHead": None,
    "audit.EventChain": None,
    "audit.RefusedRequest": None,  # all of what a program sent, as it was, for its developer
    "clinic.AccessChain": None,
    "clinic.AccessPatient": None,
    "clinic.AccessRecord": None,  # names as they stood where they keep the rule
    "clinic.AgendaException": {"tenant_id"},
    "clinic.AgendaHold": None,
    "clinic.AgendaHours": {"tenant_id", "treatments"},
    "clinic.AgendaTreatment": {"tenant_id"},
    "clinic.Appointment": None,  # names as they stood
    "clinic.AppointmentSeries": {"tenant_id"},
    "clinic.AppointmentStep": None,  # names as they stood
    "clinic.ClinicClosure": {"tenant_id"},
    "clinic.OccupiedTime": {"tenant_id"},
    "clinic.Treatment": {"tenant_id", "vat_code"},
    "clinic.PatientQuestion": {"tenant_id", "opened_by", "opened_by_name", "answered_by_name"},
    "clinic.IdempotencyKey": {"id", "fingerprint", "headers", "body"},
    "clinic.PendingEvent": {"event_id", "event"},
    "grants.Consent": {"scopes", "refused", "claims"},
    "grants.DeviceRequest": {"device_code_hash", "user_code", "state", "scopes", "resource", "code_challenge", "dpop_jkt", "ip", "user_agent"},
    "grants.Grant": None,
    "grants.Interaction": {"id", "browser", "place", "client_id"},
    "grants.LogoutNotice": {"last_error", "sid", "request_id"},
    "grants.PushedRequest": {"request_uri_hash", "client_id", "dpop_jkt"},
    "grants.UsedJti": {"id", "kind"},
    "integrators.IntegratorAccess": {"email", "permissions", "state", "invitation", "end_reason"},
    "keys.MasterKeyUse": None,
    "keys.SigningKey": None,
    "mail.Message": {"last_error", "to", "subject", "sealed_text", "sealed_html"},  # made of what kept the rule
    "registry.Application": {"client_id", "environment", "name_key", "logo", "state", "home_url", "privacy_url"},
    "registry.CreationKey": {"id", "fingerprint"},
    "registry.Logo": {"digest"},
    "registry.Revision": {"state", "type", "environment", "profile", "token_endpoint_auth_method", "id_token_alg", "userinfo_alg", "jwks_uri", "backchannel_logout_uri"},
    "registry.Review": {"first_stamp", "last_word"},
    "registry.ReviewMessage": {"sort", "author_name", "side"},  # a name as it stood
    "registry.Remark": {"field"},
    "registry.ContactCheck": {"address", "digest"},
    "registry.RevisionHost": {"host"},  # of a redirect URI
    "registry.Secret": {"digest", "hint", "last_used_from"},
    "registry.Sandbox": {"seed"},
    "registry.Team": {"public_id"},
    "registry.TeamInvitation": {"email", "role", "digest"},
    "registry.TeamMember": {"role"},
    "registry.SecretOverlap": {"method"},
    "people.Proposal": {"kind", "state"},
    "signals.Signal": {"last_error", "jti", "kind", "sub", "sid", "detail", "txn"},
    "signals.Stream": {"public_id", "method", "endpoint_url", "requested", "delivered", "status", "last_fault"},
    "tenants.MemberInvitation": {"email", "role", "permissions", "digest"},
    "tenants.Membership": {"role", "permissions"},
    "tenants.Tenant": {"public_id", "kind", "database", "state", "zone", "local_holiday", "dpo_email"},
    "tickets.Activation": {"tenant_name", "state", "decided_by_name", "ended_by_name"},  # names as they stood
    "tickets.Attachment": {"type", "sha256", "stored"},
    "tickets.Entry": {"sort", "act", "author_name", "side"},
    "tickets.Ticket": {"kind", "state", "outcome", "opener_name", "about_email", "about_key"},
    "tickets.TicketWord": None,  # made of what kept the rule
    "changes.DeprecatedUse": None,
    "changes.DeprecationNotice": None,
    "changes.Looked": None,
    "status.CheckedDay": None,
    "status.Standing": None,
    "upkeep.Run": None,
    "upkeep.Step": None,
    "usage.Counted": {"source"},
    "usage.AnswerTime": None,
    "usage.DayCount": {"kind", "operation"},
}  # fmt: skip
# Written by the gate, not by Django: `clinical.patients` judges the first two; the rest no operation sets yet, or has a pattern.
OF_PROGRAMS = {
    "clinic.Patient": {
        "first_name", "last_name", "tenant_id", "search_name", "fiscal_code", "sex", "email", "phone", "identifiers",
        "birth_place", "phone_e164", "state",
    },
    "clinic.PatientIdentifier": {"tenant_id", "kind", "issuer", "value"},
    "clinic.PatientConsent": {"tenant_id", "kind", "text_version", "recorded_by", "recorded_by_name"},
    "clinic.PatientGuardian": {"tenant_id", "name", "relation", "phone", "email"},
    "clinic.PatientOpposition": {"tenant_id", "recorded_by", "recorded_by_name"},
    "clinic.PatientMerge": {"tenant_id", "taken", "fiscal_code", "identifiers", "state", "merged_by"},
    "clinic.PatientWord": {"tenant_id", "word", "search_name"},
    "clinic.Agenda": {"tenant_id", "name", "doctor_name", "color", "kind"},
}  # fmt: skip
LONG = {
    "text",
    "project",
    "end_text",
    "end_reason",
    "description",
    "description_it",
    "decision_text",
    "reason",
    "pkce_exception",
}


def _text_fields() -> Iterator[tuple[str, Field]]:
    for model in apps.get_models():
        if model.__module__.startswith("varco."):
            for field in model._meta.get_fields():
                if isinstance(field, models.CharField | models.TextField) and not field.is_relation:
                    yield model._meta.label, field


def _worded() -> list[tuple[str, Field]]:
    found = []
    for label, field in _text_fields():
        others = NOT_WORDS.get(label, OF_PROGRAMS.get(label, set()))
        if others is not None and field.name not in others:
            found.append((label, field))
    return found


@pytest.mark.parametrize(("label", "field"), _worded(), ids=lambda item: str(item).rpartition(".")[2])
def test_every_text_of_a_model_keeps_the_rule_or_is_said_to_be_none(label: str, field: Field) -> None:
    with pytest.raises(ValidationError, match=r"Character 4 \(U\+202E\)"):
        field.run_validators(TURNED)
    if field.name in LONG:
        field.run_validators(LINES)
    else:
        with pytest.raises(ValidationError, match=r"U\+000A"):
            field.run_validators(LINES)
    field.run_validators("👩‍⚕️ Ana")


def test_the_lists_name_fields_that_are_there() -> None:
    there = {(label, field.name) for label, field in _text_fields()}
    said = {(label, name) for rows in (NOT_WORDS, OF_PROGRAMS) for label, names in rows.items() for name in names or ()}
    assert said <= there, said - there


def test_names_of_people_hold_no_link() -> None:
    for name in ("given_name", "family_name"):
        field: Any = apps.get_model("accounts", "User")._meta.get_field(name)
        assert PersonName() in field.validators
        with pytest.raises(ValidationError, match="link"):
            field.run_validators("Win at evil.com")


def _of_details(name: str) -> Callable[[str], Any]:
    return lambda text: validation.details_faults(replace(registrations.DETAILS, **cast("Any", {name: text}))).get(name)


def _of_reason(text: str) -> Any:
    asked = registrations.registration(scopes=(ScopeRequest("openid", text),))
    return validation.shape_faults(asked).get(validation.scope_field("openid"))


def _of_exception(text: str) -> Any:
    return validation.shape_faults(registrations.registration(pkce_exception=text)).get("pkce_exception")


def _of_ticket(text: str) -> Any:
    try:
        written(text)
    except Invalid as invalid:
        return invalid.faults["text"]
    return None


def _of_decision(text: str) -> Any:
    try:
        plain_text(text)
    except Invalid as invalid:
        return invalid.faults["text"]
    return None


# Forms that only parse: the service that judges what was typed in a field.
SERVICES: dict[tuple[str, str], Callable[[str], list[Fault] | None]] = {
    **{
        ("DetailsForm", name): _of_details(name)
        for name in ("name", "publisher", "description", "description_it", "product")
    },
    ("RegistrationForm", "reason:*"): _of_reason,
    ("RegistrationForm", "pkce_exception"): _of_exception,
    ("StepForm", "pkce_exception"): _of_exception,
    ("StartForm", "name"): _of_details("name"),
    **{
        (form, "text"): _of_decision
        for form in (
            "AppointForm",
            "DecisionForm",
            "ReasonForm",
            "PkceForm",
            "BlockForm",
            "ReviewMessageForm",
            "ReviewAnswerForm",
        )
    },
    **{(form, "text"): _of_ticket for form in ("ReplyForm", "AnswerForm", "TicketReasonForm", "ProofForm")},
    ("RequestForm", "project"): integrator_request.project_faults,
    ("EndForm", "text"): integrator_acting.reason_faults,
    **{(form, "label"): lambda text: validation.text_faults(text, 60) for form in ("SecretForm", "LeakForm")},
    ("SandboxForm", "name"): lambda text: validation.text_faults(text, 80),
    ("TeamForm", "name"): lambda text: validation.text_faults(text, 80),
}
# Fields of forms that are no words for others: what is looked for, codes, addresses, passwords, lists of URIs and keys.
NO_WORDS = {
    "stamp", "words", "developer", "request_id", "user_code", "code", "credential", "login", "password", "password1", "password2", "oldpassword", "email",
    "contacts", "home_url", "privacy_url", "redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri", "jwks",
    "jwks_uri", "client_id", "tenant_id", "remember", "person", "tenant", "application", "to", "public_id", "local_holiday", "dpo_email", "assignee",
    "patient", "named", "team", "endpoint_url", "authorization", "send",
}  # fmt: skip


def _forms() -> Iterator[Any]:
    for module in pkgutil.walk_packages(varco.portal.__path__, "varco.portal."):
        if not module.name.endswith((".wsgi", ".build")) and ".locale" not in module.name:
            importlib.import_module(module.name)
    waiting: list[type[forms.BaseForm]] = [forms.BaseForm]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        # Those of the style guide are samples, sent nowhere.
        if form.__module__.startswith("varco.") and form.__module__ != "varco.portal.styleguide":
            yield form


def test_every_text_of_a_form_keeps_the_rule_or_goes_to_a_service_that_keeps_it() -> None:
    walked = set()
    for form in _forms():
        for name, field in form.base_fields.items():
            if not isinstance(field, forms.CharField) or name in NO_WORDS:
                continue
            walked.add((form.__name__, name))
            judge = SERVICES.get((form.__name__, name))
            if judge is not None:
                found = judge(TURNED)
                assert found, (form, name)
                assert found[0].parameters == {"position": 4, "character": "U+202E"}
                continue
            if form.__name__ in {
                "AddWebAuthnForm",
                "EditWebAuthnForm",
            }:  # `PasskeyName` adds its validator to each form
                continue
            model = getattr(getattr(form, "_meta", None), "model", None)  # a form of a model runs that one's validators
            judging = model._meta.get_field(name) if model else field
            with pytest.raises(ValidationError):
                judging.run_validators(TURNED)
    assert {("ProfileForm", "given_name"), ("DetailsForm", "name"), ("AddWebAuthnForm", "name")} <= walked
    assert {pair for pair in SERVICES if "*" not in pair[1]} <= walked


def test_the_reason_of_a_scope_and_the_name_of_a_patient_keep_it_too() -> None:
    found = SERVICES["RegistrationForm", "reason:*"](TURNED)
    assert found
    assert found[0].parameters["position"] == 4
    assert "Character 4 (U+202E)" in (unseen_fault(TURNED) or ("",))[0]
    assert unseen_fault("👩‍⚕️ Ana") is None


def test_a_validator_is_known_by_what_it_allows() -> None:
    assert ReadableText() == ReadableText()
    assert ReadableText() != ReadableText(lines=True)
    assert ReadableText() != PersonName()
    assert len({ReadableText(), ReadableText(), PersonName()}) == 2
