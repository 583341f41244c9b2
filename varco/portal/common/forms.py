"""Forms that hand what was typed to a service, and the one way in which they are answered."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from varco.people.errors import PeopleFault, Refused
from varco.portal.common import fault_words, people_words
from varco.registry.errors import Conflict, Faults, Invalid
from varco.registry.fault_codes import ConflictFault
from varco.registry.lifecycle import ApplicationAct, RevisionAct, Role, may

UNPROCESSABLE, CONFLICT = 422, 409


class ServiceForm(forms.Form):
    """A form that shows the faults a service found beside their fields."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As for every form; `stands` is what is saved now, by field, where the page came too late and sent something else."""
        super().__init__(*args, **kwargs)
        self.stands: dict[str, str] = {}

    def compare(self) -> None:
        """Fill `stands` from the initial values, which were read with this request."""
        for name, field in self.fields.items():
            if isinstance(field.widget, forms.HiddenInput):
                continue
            saved = _readable(field, self.get_initial_for_field(field, name))
            if saved != _readable(field, self[name].data):
                self.stands[name] = saved or _("(empty)")

    def show(self, faults: Faults) -> None:
        """Add faults by field; those of no field of this form stand above it."""
        for name, found in faults.items():
            for text in fault_words.sentences(found):
                self.add_error(name if name in self.fields else None, text)

    def refill(self, name: str, value: str) -> None:
        """Show another value in a field than what was sent."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[name] = value
        self.data = data


def _readable(field: forms.Field, value: object) -> str:
    """A value of a field, as sent or as saved, in the words in which the page offers it."""
    if isinstance(field, forms.BooleanField):
        return _("On") if field.to_python(value) else _("Off")
    chosen = value if isinstance(value, list | tuple) else [value]
    if isinstance(field.widget, forms.widgets.ChoiceWidget):
        return ", ".join(
            strip_tags(str(label)) for key, label in list(field.widget.choices) if str(key) in map(str, chosen)
        )
    return "\n".join(str(part or "") for part in chosen).replace("\r\n", "\n").strip()


class LenientForm(ServiceForm):
    """A form whose `required` only says which fields to mark.

    What is missing is told by the service, together with everything else, and a draft may be incomplete.
    """

    def full_clean(self) -> None:
        """Validate with every field optional."""
        marked = [field for field in self.fields.values() if field.required]
        for field in marked:
            field.required = False
        super().full_clean()
        for field in marked:
            field.required = True


class StampedForm(LenientForm):
    """A form that knows what its page was made from, so that a page that is out of date changes nothing."""

    stamp = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


def posted(request: HttpRequest) -> QueryDict | None:
    """The data of a form: what was posted, even if nothing, or None where the page is only opened."""
    return request.POST if request.method == "POST" else None


def answered(
    request: HttpRequest,
    form: ServiceForm | Sequence[ServiceForm],
    act: Callable[[], HttpResponse],
    show: Callable[[], HttpResponse],
    *,
    stamp: Callable[[], str] | None = None,
) -> HttpResponse:
    """Answer a page with a form: the page itself, or for a POST what `act` answers.

    Where `act` raises `Invalid`, or the form is not valid in itself, the page comes again with what was typed and the
    faults beside it: 422. Where it raises `Conflict` and `stamp` gives the stamp of how things stand now, it comes again
    to be looked through and sent once more: 409. Without `stamp` the `Conflict` is the page's to answer.

    What the services of people refuse is shown as `Invalid` is, and as `Conflict` where it is out of date.

    With several forms each shows the faults of its own fields, and the last one the rest.
    """
    if request.method != "POST":
        return show()
    of_page = [form] if isinstance(form, ServiceForm) else list(form)
    status = UNPROCESSABLE
    if all([one.is_valid() for one in of_page]):  # noqa: C419 - each is looked at, so that one sending shows every fault
        try:
            return act()
        except Invalid as invalid:
            _show(of_page, invalid.faults)
        except Conflict as conflict:
            if stamp is None:
                raise
            status = CONFLICT
            of_page[-1].add_error(None, fault_words.conflict_sentence(conflict))
            of_page[-1].refill("stamp", stamp())
            for one in of_page:
                one.compare()
        except Refused as refusal:
            status = _show_refusal(of_page, refusal, stamp)
    response = show()
    response.status_code = status
    return response


def _show_refusal(of_page: list[ServiceForm], refusal: Refused, stamp: Callable[[], str] | None) -> int:
    """Show what the services of people refused, and return the status of the page."""
    name = people_words.field_of(refusal.fault)
    form = next((one for one in of_page if name in one.fields), of_page[-1])
    form.add_error(name if name in form.fields else None, people_words.sentence(refusal.fault))
    if refusal.fault.code != PeopleFault.STALE or stamp is None:
        return UNPROCESSABLE
    of_page[-1].refill("stamp", stamp())
    for one in of_page:
        one.compare()
    return CONFLICT


def _show(of_page: list[ServiceForm], faults: Faults) -> None:
    """Give each form its own faults."""
    for form in of_page[:-1]:
        form.show({name: found for name, found in faults.items() if name in form.fields})
        faults = {name: found for name, found in faults.items() if name not in form.fields}
    of_page[-1].show(faults)


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
    return render(request, "common/conflict.html", context, status=CONFLICT)
