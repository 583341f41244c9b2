"""What is unwise in what somebody is typing, before anything is saved."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict

from varco import catalog
from varco.portal.common import finding_words
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.developer import steps
from varco.portal.developer.access import own_application
from varco.portal.developer.forms import DetailsForm, RegistrationForm
from varco.portal.developer.steps import ABOUT, SUMMARY
from varco.registry import evidence, queries
from varco.registry.lint import Finding
from varco.registry.registration import Details, Registration


@page(DEVELOPER, "POST")
def check_new(request: SignedInRequest) -> HttpResponse:
    """What is unwise in a registration that is not saved yet."""
    details = _details(request.POST, Details(name=""))
    registration = _registration(request.POST, Registration(type="web").normalised(), set(RegistrationForm.base_fields))
    return _answer(request, evidence.findings_of_new(request.user, details, registration))


@page(DEVELOPER, "POST")
def check(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """What is unwise in the fields of one step (`name`), or of the whole registration (`all`), as they are typed now."""
    application = own_application(request, pk)
    shown = steps.BY_NAME.get(name)
    if shown is SUMMARY or (shown is None and name != "all"):
        raise Http404
    latest = queries.latest_revision(application)
    details = Details.of(application)
    registration = Registration.of(latest) if latest else Registration(type="web").normalised()
    if shown is ABOUT:
        details = _details(request.POST, details)
    else:
        typed = set(shown.fields) if shown else set(RegistrationForm.base_fields)
        registration = _registration(request.POST, registration, typed)
    found = evidence.findings(application, registration, details=details, reviewer=False)
    if shown:
        found = [finding for finding in found if shown.has(finding.field)]
    elif "name" not in request.POST:  # the details have a page of their own
        found = [finding for finding in found if not ABOUT.has(finding.field)]
    return _answer(request, found)


def _answer(request: SignedInRequest, found: list[Finding]) -> HttpResponse:
    shown = finding_words.worded(finding_words.first_of_each(found), lambda field: f"#{steps.field_id(field)}")
    return render(request, "common/_findings.html", {"findings": shown})


def _details(sent: MultiValueDict[str, str], before: Details) -> Details:
    """The details as typed; what cannot be read is as before."""
    form = DetailsForm(sent)
    form.is_valid()
    form.cleaned_data = DetailsForm.initial_of(before) | form.cleaned_data
    return form.details()


def _registration(sent: MultiValueDict[str, str], before: Registration, typed: set[str]) -> Registration:
    """The registration with the fields that are `typed` (`scopes` for all of a scope's); the others, and what cannot be read, are as before."""
    form = RegistrationForm(sent, base=before)
    form.is_valid()
    read = {name: value for name, value in form.cleaned_data.items() if _is_typed(name, typed)}
    form.cleaned_data = _blank_scopes() | RegistrationForm.initial_of(before) | {"jwks": before.jwks} | read
    return form.registration()


def _is_typed(name: str, typed: set[str]) -> bool:
    return name in typed or (":" in name and "scopes" in typed)


def _blank_scopes() -> dict[str, Any]:
    """The fields of every scope, not asked for."""
    blank: dict[str, Any] = {}
    for name in catalog.current().scopes:
        blank |= {f"scope:{name}": False, f"required:{name}": False, f"reason:{name}": "", f"reason_it:{name}": ""}
    return blank
