"""The form of a stream of shared signals, and its words."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varco.portal.common.forms import ServiceForm
from varco.protocol.signals.events import ABOUT_PEOPLE, URIS, Kind
from varco.protocol.signals.streams import POLL, PUSH, StreamSettings
from varco.signals.models import Stream

KINDS: Mapping[str, Promise] = {
    Kind.SESSION_REVOKED: _("A session of a person is over"),
    Kind.TOKEN_CLAIMS_CHANGE: _("What the application may do for a person has changed"),
    Kind.ACCOUNT_DISABLED: _("A person can use it no more"),
    Kind.ACCOUNT_ENABLED: _("A person can use it again"),
    Kind.VERIFICATION: _("Verification"),
    Kind.STREAM_UPDATED: _("The stream was paused or enabled"),
}


class StreamForm(ServiceForm):
    """How the application wants to be told, and of what."""

    delivery = forms.ChoiceField(
        label=_("How events arrive"),
        choices=[(POLL, _("The application fetches them (poll)")), (PUSH, _("We send them to its address (push)"))],
        widget=forms.RadioSelect,
        initial=POLL,
    )
    endpoint_url = forms.CharField(
        label=_("Address for pushes"),
        required=False,
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_("On the public internet. We send a POST with one signed event there."),
    )
    authorization = forms.CharField(
        label=_("Authorization header of pushes"),
        required=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "What your address asks for, as in “Bearer …”. It is kept sealed and shown to nobody. Left empty, it stays as it is as long as the address does."
        ),
    )
    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=[(kind.value, KINDS[kind]) for kind in ABOUT_PEOPLE],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        initial=[kind.value for kind in ABOUT_PEOPLE],
    )

    @property
    def wanted(self) -> StreamSettings:
        """What was chosen."""
        entered = self.cleaned_data
        push = entered["delivery"] == PUSH
        return StreamSettings(
            method=entered["delivery"],
            endpoint_url=entered["endpoint_url"].strip() if push else "",
            authorization=entered["authorization"].strip() if push else "",
            requested=tuple(URIS[Kind(kind)] for kind in entered["events"]),
        )


def initial_of(stream: Stream | None) -> dict[str, Any]:
    """What the form shows of a stream as it is."""
    if stream is None:
        return {}
    return {"delivery": stream.method, "endpoint_url": stream.endpoint_url, "events": stream.delivered.split()}
