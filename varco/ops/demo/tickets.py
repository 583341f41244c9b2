"""Tickets of the demo: one of each kind that waits, and some that are over, with threads worth reading."""

import datetime as dt

from varco import clock
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.integrators import dates, queries
from varco.ops.demo.integrators import INES
from varco.ops.demo.past import DAY, HOUR, ago
from varco.tickets import access, services
from varco.tickets.models import Ticket
from varco.tickets.services import Upload

_OFFER = """Lumaca Software S.r.l. · offerta 2026/114

Collegamento della centrale telefonica all'agenda di Centro Medico Aurora:
chi chiama viene riconosciuto, l'appuntamento si apre sullo schermo dell'accettazione.
"""


def build(people: dict[str, User]) -> None:
    """All of them, once."""
    if not Ticket.objects.exists():
        _first(people)
    if not Ticket.objects.filter(kind="integrator_access").exists():
        _integrator_access(people)
    if not Ticket.objects.filter(kind="integrator_extension").exists():
        _integrator_extension(people)


def _first(people: dict[str, User]) -> None:
    _introduced(people)
    _refused(people)
    _activation(people)
    _sandbox(people)
    _lost_factor(people)
    _questions(people)


def _opened(user: User, kind: str, age: int, *uploads: Upload, **given: object) -> Ticket:
    with ago(age):
        return services.open_ticket(access.asker(user), kind, given, Origin(user), uploads)


def _said(ticket: Ticket, user: User, age: int, text: str) -> None:
    with ago(age):
        services.reply(ticket, Origin(user), text=text)


def _introduced(people: dict[str, User]) -> None:
    """How Davide came to be a developer."""
    marta, sara = people["manager_aurora"], people["support"]
    ticket = _opened(
        marta, "developer_activation", 43 * DAY,
        email=people["developer"].email, company="Codice Sereno S.r.l.",
        purpose="Scrivono l'applicazione con cui i nostri medici vedono l'agenda sul telefono.",
    )  # fmt: skip
    with ago(42 * DAY):
        services.assign(ticket, Origin(sara), to=sara)
        services.approve(ticket, Origin(sara), text="Codice Sereno è conosciuta: buon lavoro.")


def _refused(people: dict[str, User]) -> None:
    luca, sara = people["manager_levante"], people["support"]
    ticket = _opened(
        luca, "developer_activation", 14 * DAY,
        email="vendite@promo-salute.example", company="Promo Salute",
        purpose="They want to send our patients offers by SMS.",
    )  # fmt: skip
    with ago(14 * DAY - 3 * HOUR):
        services.note(ticket, Origin(sara), text="Olga rejected an application of theirs for the same thing.")
        services.refuse(
            ticket,
            Origin(sara),
            text="Name a person rather than a sales address, and know that patients' details may not be used for advertising.",
        )


def _activation(people: dict[str, User]) -> None:
    """One that waits to be decided."""
    marta, sara = people["manager_aurora"], people["support"]
    ticket = _opened(
        marta, "developer_activation", 3 * DAY, Upload("offerta-lumaca.txt", _OFFER.encode()),
        email="chiara@lumaca.example", company="Lumaca Software S.r.l.",
        purpose="Collegano la centrale telefonica alla nostra agenda: chi chiama viene riconosciuto.",
    )  # fmt: skip
    with ago(2 * DAY + 20 * HOUR):
        services.assign(ticket, Origin(sara), to=sara)
    _said(ticket, sara, 2 * DAY + 19 * HOUR, "Serve solo l'agenda, o anche i nomi dei pazienti?")
    with ago(2 * DAY + 18 * HOUR):
        services.note(
            ticket, Origin(sara), text="Called Lumaca at the number of the chamber of commerce: Chiara works there."
        )
    _said(ticket, marta, 26 * HOUR, "Anche i nomi: altrimenti non sappiamo chi chiama. L'offerta è allegata.")


def _sandbox(people: dict[str, User]) -> None:
    _opened(
        people["developer"], "sandbox", 5 * HOUR,
        name="Corso di primavera", data="invented", email="corso@codicesereno.example",
        purpose="A course for six colleagues, who should break nothing that somebody needs.",
    )  # fmt: skip


def _integrator_access(people: dict[str, User]) -> None:
    """One of Levante that nobody has looked at yet."""
    luca = people["manager_levante"]
    _opened(
        luca, "integrator_access", 6 * HOUR,
        email="gaia@labosoft.example", sets=["reading_patients"], last_day=_day_in(luca, 45).isoformat(),
        project="Labosoft connects our blood tests: Gaia checks that samples and patients match, on site, before they go live.",
    )  # fmt: skip


def _integrator_extension(people: dict[str, User]) -> None:
    """Ines has nine days left, and is not done. In a demo whose clock was moved on she may be gone."""
    marta, sara = people["manager_aurora"], people["support"]
    access = queries.open_at(marta.membership.tenant).filter(email=INES.email).first()
    if access is None or access.last_day > _day_in(marta, 45):
        return
    ticket = _opened(
        marta, "integrator_extension", 30 * HOUR,
        access=INES.email, last_day=_day_in(marta, 45).isoformat(),
        reason="Il centralino nuovo arriva con due settimane di ritardo: le prove con gli appuntamenti veri si spostano.",
    )  # fmt: skip
    with ago(27 * HOUR):
        services.assign(ticket, Origin(sara), to=sara)
    _said(ticket, sara, 26 * HOUR, "Nel frattempo Ines legge ancora i dati dei pazienti, o le bastano le agende?")
    _said(ticket, marta, 4 * HOUR, "Le servono anche i nomi: il centralino mostra chi chiama. Poi non più.")


def _day_in(user: User, days: int) -> dt.date:
    """So many days from now, where somebody's clinic is."""
    return dates.today(clock.now(), user.membership.tenant.zone) + dt.timedelta(days=days)


def _lost_factor(people: dict[str, User]) -> None:
    """One that waits for Marta to say whether it is Silvia."""
    _opened(
        people["secretary_aurora"], "lost_factor", 2 * HOUR,
        lost="phone", story="Il telefono è caduto in mare sabato. Nessuno lo ha trovato.",
    )  # fmt: skip


def _questions(people: dict[str, User]) -> None:
    dario, lia, sara = people["doctor_aurora"], people["doctor_levante"], people["support"]
    asked = _opened(
        dario, "question", 28 * HOUR,
        topic="Which application reads my agenda at night?",
        text="Connected applications says that one was used at three in the morning. I was asleep.",
    )  # fmt: skip
    _said(
        asked, sara, 25 * HOUR,
        "Agenda Facile synchronises by night; you let it when you accepted “offline access”. Shall we explain how to withdraw only that?",
    )  # fmt: skip
    settled = _opened(
        lia, "question", 9 * DAY, topic="Can a patient see who looked at a report?", text="One of them has asked me."
    )
    _said(settled, sara, 8 * DAY, "Your manager can: it stands in the log of the medical centre.")
    with ago(7 * DAY):
        services.close(settled, Origin(lia))
