"""Who and where: the people and medical centres of the demo. Fixed, so that a tour needs nothing but the address."""

from dataclasses import dataclass

PASSWORD = "benvenuti-al-varco"  # noqa: S105 - of an invented world, printed by `varco demo`


@dataclass(frozen=True, slots=True)
class Clinic:
    """A medical centre, how many patients it starts with, and its agendas as (name, doctor, colour)."""

    key: str
    public_id: str
    name: str
    kind: str
    patients: int
    agendas: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in with `PASSWORD`; `role` is a role of the catalogue, or what they are to the vendor."""

    key: str
    email: str
    given_name: str
    family_name: str
    role: str
    clinic: str | None
    what: str
    language: str = "en"


CLINICS = (
    Clinic(
        "aurora",
        "tenant-aurora",
        "Centro Medico Aurora",
        "production",
        320,
        (
            ("Cardiologia", "Dario Donati", "#b3261e"),
            ("Medicina generale", "Beatrice Bruni", "#1f6f54"),
            ("Ortopedia", "Filippo Ferri", "#2f5d9b"),
            ("Ecografie", "", "#7a5195"),
        ),
    ),
    Clinic(
        "levante",
        "tenant-levante",
        "Poliambulatorio Levante",
        "production",
        90,
        (("Dermatologia", "Lia Leone", "#8a5a00"), ("Prelievi", "", "#46617a")),
    ),
    Clinic(
        "sandbox",
        "tenant-sandbox",
        "Sandbox di Codice Sereno",
        "sandbox",
        60,
        (("Agenda di prova", "Sandro Sanna", "#1f6f54"), ("Seconda agenda", "", "#2f5d9b")),
    ),
)

ACCOUNTS = (
    Account("operator", "olga@varco.example", "Olga", "Orlandi", "operator", None, "approves applications"),
    Account("support", "sara@varco.example", "Sara", "Sala", "support", None, "works tickets"),
    Account("developer", "davide@codicesereno.example", "Davide", "De Santis", "developer", None, "develops applications"),
    Account("manager_aurora", "marta@aurora.example", "Marta", "Marchetti", "manager", "aurora", "manages Aurora", "it"),
    Account("doctor_aurora", "dario@aurora.example", "Dario", "Donati", "doctor", "aurora", "doctor at Aurora"),
    Account("secretary_aurora", "silvia@aurora.example", "Silvia", "Serra", "secretary", "aurora", "front desk at Aurora", "it"),
    Account("dpo_aurora", "petra@aurora.example", "Petra", "Poli", "dpo", "aurora", "data protection officer of Aurora", "it"),
    Account("manager_levante", "luca@levante.example", "Luca", "Longo", "manager", "levante", "manages Levante"),
    Account("doctor_levante", "lia@levante.example", "Lia", "Leone", "doctor", "levante", "doctor at Levante"),
    Account("accountant_aurora", "aldo@aurora.example", "Aldo", "Amato", "accountant", "aurora", "keeps Aurora's books", "it"),
    Account("second_operator", "omar@varco.example", "Omar", "Olmi", "operator", None, "confirms what Olga proposes"),
    Account("colleague", "carla@lampone.example", "Carla", "Colli", "developer", "sandbox", "works with Davide, and has a team of her own"),
    Account("sandbox_doctor", "sandro@sandbox.example", "Sandro", "Sanna", "doctor", "sandbox", "doctor in the sandbox"),
)  # fmt: skip
INTEGRATOR = Account(
    "integrator_aurora", "ines@integra.example", "Ines", "Innocenti", "integrator", "aurora", "let in by Aurora for nine days more", "it"
)  # fmt: skip
EVERYBODY = (*ACCOUNTS, INTEGRATOR)
"""Whom the table and the manifest name; an integrator is not made with the others, but invited and accepts."""


def account(key: str) -> Account:
    """The account of a key. Raises `StopIteration` for a key that is none."""
    return next(item for item in ACCOUNTS if item.key == key)


def clinic(key: str) -> Clinic:
    """The medical centre of a key. Raises `StopIteration` for a key that is none."""
    return next(item for item in CLINICS if item.key == key)
