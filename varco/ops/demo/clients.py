"""The registered applications of the demo, as plans; `applications` builds them through the registry's services."""

from dataclasses import dataclass, replace
from typing import Any

from varco.protocol.client import AUTHORIZATION_CODE, DEVICE_CODE
from varco.registry.registration import Details, Registration, ScopeRequest

# Where a person's own machine would listen while trying things out.
LOCAL = ("http://127.0.0.1:8765/callback", "http://localhost:8765/callback")
SINGLE_PAGE = ("http://127.0.0.1:5173/callback", "http://localhost:5173/callback")

_REASONS = {
    "openid": "People sign in with their clinic account.",
    "profile": "The name of whoever is signed in stands at the top of every page.",
    "email": "Appointment summaries are sent to the person who asked for them.",
    "offline_access": "Appointments are synchronised at night, when nobody is signed in.",
    "giponext.patients": "Patients are looked up by name when an appointment is booked.",
    "giponext.agenda": "Agendas and free places are shown, and appointments are booked.",
    "giponext.treatments": "The price of a visit is shown before it is booked.",
}
_REASONS_IT = {
    "openid": "Si accede con l'account del proprio centro.",
    "profile": "Il nome di chi ha effettuato l'accesso sta in cima a ogni pagina.",
    "email": "I riepiloghi degli appuntamenti vanno a chi li ha chiesti.",
    "offline_access": "Gli appuntamenti si sincronizzano di notte, quando nessuno è collegato.",
    "giponext.patients": "I pazienti si cercano per nome quando si prenota un appuntamento.",
    "giponext.agenda": "Si mostrano agende e posti liberi e si prenotano gli appuntamenti.",
    "giponext.treatments": "Il prezzo di una visita si mostra prima della prenotazione.",
}
_DESCRIPTIONS_IT = {
    "Agenda Facile": "Prenotazioni online per i centri medici.",
    "Agenda Facile Classic": "Il sito di prenotazione del 2014, che non sa usare PKCE.",
    "Agenda Facile Reports": "Statistiche sulle prenotazioni; manda il segreto nel modulo e non sa usare PKCE.",
    "Agenda Facile Live": "Prenotazioni nel browser, senza un server proprio.",
    "Agenda Facile Desktop": "Prenotazioni sul computer dell'accettazione.",
    "Sala d'Attesa": "Uno schermo in sala d'attesa che chiama i pazienti per numero.",
    "Fascicolo Sicuro": "Scambio di referti secondo FAPI 2.0.",
    "Fascicolo Sicuro Due": "Il secondo, per le prove.",
    "Ricette in Tasca": "I pazienti chiedono dal telefono le ricette ripetibili.",
    "Referti in Chiaro": "Consegna i referti ai pazienti sul telefono.",
    "Turni Sereni": "Mostra a ciascuno i propri turni in agenda.",
    "Contabilità Chiara": "Passa al commercialista le visite della giornata.",
    "Promo Salute": "Manda offerte ai pazienti per SMS.",
}
EVERYTHING = tuple(_REASONS)
# What takes two approvals, which the applications that ask for everything leave out.
_REASONS |= {"giponext.medicalreports": "The report is handed to the patient as soon as the doctor has signed it."}
_REASONS_IT |= {"giponext.medicalreports": "Il referto si consegna al paziente appena il medico l'ha firmato."}


@dataclass(frozen=True, slots=True)
class Plan:
    """One application: its details, what it registers, and whether PKCE is made optional for it."""

    key: str
    details: Details
    registration: Registration
    pkce_optional: bool = False

    def changed(self, **changes: Any) -> "Plan":
        """The plan with another registration."""
        return replace(self, registration=replace(self.registration, **changes))


def scopes(*names: str, required: tuple[str, ...] = ()) -> tuple[ScopeRequest, ...]:
    """Requests for scopes, each with its reason."""
    return tuple(ScopeRequest(name, _REASONS[name], name in required, _REASONS_IT[name]) for name in names)


def details(name: str, description: str, product: str = "Agenda Facile") -> Details:
    """What people read about an application of the demo's developer."""
    return Details(
        name=name,
        description=description,
        description_it=_DESCRIPTIONS_IT.get(name, ""),
        publisher="Codice Sereno Srl",
        product=product,
        contacts=("davide@codicesereno.example",),
        home_url="https://codicesereno.example",
        privacy_url="https://codicesereno.example/privacy",
    )


def _web(host: str, **changes: Any) -> Registration:
    return Registration(
        **{
            "type": "web",
            "environment": "staging",  # one for development works in sandboxes alone (S44)
            "redirect_uris": (*LOCAL, f"https://{host}/callback"),
            "post_logout_redirect_uris": ("http://127.0.0.1:8765/bye", f"https://{host}/bye"),
            "scopes": scopes(*EVERYTHING),
            "claims": ("profile", "email", "tenant"),
        }
        | changes
    )


def _fapi(host: str) -> Registration:
    return _web(
        host,
        redirect_uris=(f"https://{host}/callback",),  # the profile knows no http, not even on a person's own machine
        token_endpoint_auth_method="private_key_jwt",  # noqa: S106
        profile="fapi2",
        id_token_alg="ES256",  # noqa: S106
    )


PLANS = (
    Plan("web", details("Agenda Facile", "Online booking for clinics."), _web("agenda.example")),
    Plan(
        "web_legacy",
        details("Agenda Facile Classic", "The booking site of 2014, which cannot do PKCE."),
        _web("classic.agenda.example"),
        pkce_optional=True,
    ),
    Plan(
        "web_post",
        details("Agenda Facile Reports", "Statistics on bookings; sends its secret in the form, and cannot do PKCE."),
        _web("reports.agenda.example", token_endpoint_auth_method="client_secret_post"),  # noqa: S106
        pkce_optional=True,
    ),
    Plan(
        "spa",
        details("Agenda Facile Live", "Booking in the browser, without a server of its own."),
        _web(
            "live.agenda.example",
            type="spa",
            redirect_uris=(*SINGLE_PAGE, "https://live.agenda.example/callback"),
            post_logout_redirect_uris=("http://127.0.0.1:5173/bye", "https://live.agenda.example/bye"),
        ),
    ),
    Plan(
        "native",
        details("Agenda Facile Desktop", "Booking on the reception's computer."),
        _web(
            "desktop.agenda.example",
            type="native",
            redirect_uris=("http://127.0.0.1/callback", "http://localhost/callback", "example.agenda.desktop:/callback"),
            post_logout_redirect_uris=("http://127.0.0.1/bye",),
            grant_types=(AUTHORIZATION_CODE, DEVICE_CODE),
        ),
    ),
    Plan(
        "device",
        details("Sala d'Attesa", "A screen in the waiting room that calls patients by number.", "Sala d'Attesa"),
        _web("display.example", type="device", grant_types=(DEVICE_CODE,), redirect_uris=(), post_logout_redirect_uris=()),
    ),
    Plan("fapi1", details("Fascicolo Sicuro", "Exchange of reports under FAPI 2.0.", "Fascicolo Sicuro"), _fapi("one.fapi.example")),
    Plan("fapi2", details("Fascicolo Sicuro Due", "The second one, for tests.", "Fascicolo Sicuro"), _fapi("two.fapi.example")),
)  # fmt: skip
