"""The forms of single steps: some fields of the one-page forms, the rest as the draft has it."""

from dataclasses import replace
from typing import Any

from varco import catalog
from varco.portal.developer import steps
from varco.portal.developer.forms import RegistrationForm
from varco.portal.developer.steps import Step
from varco.registry.errors import Faults
from varco.registry.registration import AUTH_METHODS, GRANT_TYPES, Registration


class StepForm(RegistrationForm):
    """The fields of one step of a registration."""

    def __init__(self, *args: Any, step: Step, base: Registration, **kwargs: Any) -> None:
        """As for the whole form, without the fields of other steps and choices that do not fit the kind."""
        super().__init__(*args, base=base, scopes=step.has("scope"), **kwargs)
        fitting = {"stamp", *steps.fitting_fields(step, base)}
        for name in [name for name in self.fields if name.partition(":")[0] not in fitting]:
            del self.fields[name]
        self._narrow("grant_types", GRANT_TYPES[base.type])
        self._narrow("token_endpoint_auth_method", AUTH_METHODS[base.type])

    def _narrow(self, name: str, possible: tuple[str, ...]) -> None:
        if name in self.fields:
            choices = [(key, label) for key, label in getattr(self.fields[name], "choices", ()) if key in possible]
            self.choices(name, choices)

    def show(self, faults: Faults) -> None:
        """As for every form; where there is no field for a fault, it stands above them."""
        if not any(name.startswith("scope:") for name in self.fields):
            faults = {("" if name == "scopes" else name): found for name, found in faults.items()}
        super().show(faults)

    def registration(self) -> Registration:
        """The draft with what was entered here; another kind gets ways to sign in and to authenticate that fit it."""
        nothing: dict[str, Any] = {}
        for name in catalog.current().scopes:
            nothing |= {
                f"scope:{name}": False,
                f"reason:{name}": "",
                f"reason_it:{name}": "",
                f"required:{name}": False,
            }
        entered = self.cleaned_data
        kept = self.initial_of(self.base) | {"jwks": self.base.jwks}
        self.cleaned_data = nothing | kept | entered
        whole = super().registration()
        self.cleaned_data = entered
        if whole.type == self.base.type or whole.type not in GRANT_TYPES:
            return whole
        possible = GRANT_TYPES[whole.type]
        fitting = tuple(name for name in whole.grant_types if name in possible)
        method = whole.token_endpoint_auth_method
        if method not in AUTH_METHODS[whole.type]:
            method = ""  # the default of the kind
        fitted = replace(whole, grant_types=fitting or possible[:1], token_endpoint_auth_method=method)
        return fitted.normalised()
