"""What the developer's and the operators' views share: reading a form, and answering an act that came too late."""

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from varco.portal.common import fault_words
from varco.registry.errors import Conflict, Invalid
from varco.registry.fault_codes import ConflictFault
from varco.registry.lifecycle import ApplicationAct, RevisionAct, Role, may


class LenientForm(forms.Form):
    """A form whose `required` only says which fields to mark.

    What is missing is told by the service, together with everything else, and a draft may be incomplete.
    """

    use_required_attribute = False

    def full_clean(self) -> None:
        """Validate with every field optional."""
        marked = [field for field in self.fields.values() if field.required]
        for field in marked:
            field.required = False
        super().full_clean()
        for field in marked:
            field.required = True


def posted(request: HttpRequest) -> QueryDict | None:
    """The data of a form: what was posted, even if nothing, or None where the page is only opened."""
    return request.POST if request.method == "POST" else None


def show_faults(form: forms.Form, invalid: Invalid) -> None:
    """Put the faults of a service beside their fields, and those of no field above the form."""
    for name, found in invalid.faults.items():
        for text in fault_words.sentences(found):
            form.add_error(name if name in form.fields else None, text)


def check_possible(state: str, act: ApplicationAct | RevisionAct, role: Role) -> None:
    """Raise `Conflict` where the page of an act should not even be offered."""
    if not may(state, act, role):
        raise Conflict(ConflictFault.NOT_POSSIBLE)


def conflict(request: HttpRequest, fault: Conflict) -> HttpResponse:
    """409: what the person wanted is not possible as things stand now; nothing was done, and what they wrote is given back."""
    context = {
        "message": fault_words.conflict_sentence(fault),
        "back": request.path,
        "written": request.POST.get("text", "").strip(),
    }
    return render(request, "developer/conflict.html", context, status=409)
