"""Forms of tickets: that of a kind, made of its declaration, and the line with files. What is right, `tickets.services` says."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco.portal.common import ticket_words
from varco.portal.common.forms import LenientForm, StampedForm
from varco.portal.common.kind_words import FieldWords
from varco.tickets import content
from varco.tickets.fields import MAX_TEXT, Asker, Field, FieldType
from varco.tickets.kinds import TicketKind
from varco.tickets.services import Upload


class FilesInput(forms.FileInput):
    """An input for several files."""

    allow_multiple_selected = True


class FilesField(forms.Field):
    """Several files, or none; they are read by `uploads`."""

    widget = FilesInput


def files_field() -> FilesField:
    """The field for attachments, whose help says what is taken."""
    return FilesField(label=gettext_lazy("Files"), required=False, help_text=_ACCEPTED())


def _accepted() -> str:
    endings = ", ".join(ending for key in settings.VARCO.attachable for ending in content.TYPES[key].endings)
    facts = {"endings": endings, "size": settings.VARCO.attachment_limit // 2**20 or 1}
    return _("%(endings)s; up to %(size)d MB together. Nothing that names a patient.") % facts


def uploads(request: HttpRequest) -> list[Upload]:
    """The files that came with a form. A name is what stands after the last separator."""
    return [Upload(each.name or "", each.read()) for each in request.FILES.getlist("files")]


_ACCEPTED = lazy(_accepted, str)


class KindForm(LenientForm):
    """The form of a kind of ticket."""

    def __init__(
        self,
        kind: TicketKind,
        asker: Asker,
        data: QueryDict | None,
        *,
        initial: Mapping[str, str] | None = None,
        files: bool = True,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        words = ticket_words.KINDS[kind.code].fields
        for declared in kind.fields:
            if declared.shown(asker):
                self.fields[declared.name] = _input(declared, asker, words[declared.name])
        if files:
            self.fields["files"] = files_field()

    def given(self) -> dict[str, object]:
        """What was entered, by field, for the service."""
        return {name: value for name, value in self.cleaned_data.items() if name != "files"}


def _input(declared: Field, asker: Asker, words: FieldWords) -> forms.Field:
    common: dict[str, Any] = {"label": words.label, "help_text": words.help, "required": declared.required}
    match declared.type:
        case FieldType.TEXT:
            return forms.CharField(max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 6}), **common)
        case FieldType.EMAIL:
            return forms.CharField(max_length=254, widget=forms.EmailInput(), **common)
        case FieldType.NUMBER:
            attributes = {"inputmode": "numeric"}
            return forms.CharField(max_length=12, widget=forms.TextInput(attrs=attributes), **common)
        case FieldType.DATE:
            return forms.CharField(max_length=10, widget=forms.DateInput(attrs={"type": "date"}), **common)
        case FieldType.SWITCH:
            return forms.BooleanField(**common | {"required": False})
        case FieldType.CHOICE:
            return forms.ChoiceField(choices=_choices(declared, asker, words), widget=forms.RadioSelect, **common)
        case FieldType.CHOICES:
            choices = _choices(declared, asker, words)
            return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
    return forms.CharField(max_length=declared.most, **common)


def _choices(declared: Field, asker: Asker, words: FieldWords) -> list[tuple[str, object]]:
    return [(each.value, each.label or words.choices[each.value]) for each in declared.choices(asker)]


class ReplyForm(LenientForm):
    """An answer of whoever asked."""

    text = forms.CharField(
        label=gettext_lazy("Your answer"), max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["files"] = files_field()


class AnswerForm(StampedForm):
    """An answer of the vendor's people, or an internal note; the button pressed says which."""

    text = forms.CharField(
        label=gettext_lazy("Answer or note"), max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["files"] = files_field()


class TicketReasonForm(StampedForm):
    """The words of a decision."""

    text = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MAX_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Whoever asked reads it, and gets it by mail. A refusal needs one."),
    )


class ProofForm(StampedForm):
    """How a manager knows that it is, or is not, the person."""

    text = forms.CharField(
        label=gettext_lazy("How you know"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For example: I have spoken with them at the front desk this morning."),
    )


def version_of(form: StampedForm) -> int | None:
    """The version of the ticket that the page was made from; None where the form does not say."""
    stamp = str(form.cleaned_data.get("stamp") or "")
    return int(stamp) if stamp.isascii() and stamp.isdecimal() and len(stamp) < 10 else None
