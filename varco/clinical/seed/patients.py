"""Invented patients: always the same ones for one seed, others for every other. Any likeness is chance."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from varco.clinical.fiscal_code import fiscal_code
from varco.clinical.identifiers import Identifier, kept_text
from varco.clinical.names import plain_words, search_name

_WOMEN = [
    "Giulia", "Sofia", "Martina", "Chiara", "Francesca", "Alessia", "Elena", "Anna", "Maria", "Laura", "Federica",
    "Valentina", "Silvia", "Paola", "Roberta", "Giovanna", "Caterina", "Lucia", "Teresa", "Beatrice", "Camilla",
    "Ilaria", "Noemi", "Irene", "Marta", "Arianna", "Margherita", "Eleonora", "Serena", "Michela",
]  # fmt: skip
_MEN = [
    "Marco", "Andrea", "Luca", "Francesco", "Matteo", "Alessandro", "Davide", "Simone", "Giuseppe", "Antonio",
    "Giovanni", "Roberto", "Stefano", "Paolo", "Mario", "Riccardo", "Federico", "Lorenzo", "Tommaso", "Pietro",
    "Enrico", "Nicolò", "Salvatore", "Vincenzo", "Claudio", "Fabio", "Daniele", "Emanuele", "Giacomo", "Filippo",
]  # fmt: skip
_FAMILIES = [
    "Rossi", "Russo", "Ferrari", "Esposito", "Bianchi", "Romano", "Colombo", "Ricci", "Marino", "Greco", "Bruno",
    "Gallo", "Conti", "De Luca", "Mancini", "Costa", "Giordano", "Rizzo", "Lombardi", "Moretti", "Barbieri",
    "Fontana", "Santoro", "Mariani", "Rinaldi", "Caruso", "Ferrara", "Galli", "Martini", "Leone", "Longo", "Gentile",
    "Martinelli", "Vitale", "Lombardo", "Serra", "Coppola", "De Santis", "D'Angelo", "Marchetti", "Parisi", "Villa",
    "Conte", "Ferraro", "Ferri", "Fabbri", "Bianco", "Marini", "Grasso", "Valentini", "Messina", "Sala",
    "De Angelis", "Gatti", "Pellegrini", "Palumbo", "Sanna", "Farina", "Rizzi", "Monti", "Cattaneo", "Morelli",
    "Amato", "Silvestri", "Mazza", "Testa", "Grassi", "Pellegrino", "Carbone", "Giuliani", "Benedetti", "Barone",
    "Rossetti", "Caputo", "Montanari", "Guerra", "Palmieri", "Bernardi", "Martino", "Fiore",
]  # fmt: skip
# Cadastral codes of birth places: Rome, Milan, Turin, Naples, Genoa, Bologna,
# Florence, Bari, Palermo, Venice, Verona, Catania.
_PLACES = ("H501", "F205", "L219", "F839", "D969", "A944", "D612", "A662", "G273", "L736", "L781", "C351")
_OLDEST, _YOUNGEST = date(1934, 1, 1), date(2023, 12, 31)


@dataclass(frozen=True, slots=True)
class Person:
    """A patient as the columns of `clinical.models.Patient` want one."""

    first_name: str
    last_name: str
    search_name: str
    fiscal_code: str
    birth_date: date
    birth_place: str
    sex: str
    email: str
    phone: str
    phone_e164: str
    identifiers: str


def invented(seed: str, count: int) -> Iterator[Person]:
    """Make so many patients, no two with one fiscal code."""
    chance = random.Random(f"varco/{seed}")  # noqa: S311 - the same people every time, and no secret
    seen: set[str] = set()
    while len(seen) < count:
        person = _one(chance)
        if person.fiscal_code not in seen:
            seen.add(person.fiscal_code)
            yield person


def _one(chance: random.Random) -> Person:
    sex = chance.choice("FM")
    first, last = chance.choice(_WOMEN if sex == "F" else _MEN), chance.choice(_FAMILIES)
    birth, place = _OLDEST + timedelta(days=chance.randrange((_YOUNGEST - _OLDEST).days)), chance.choice(_PLACES)
    mailbox = ".".join("".join(plain_words(name)) for name in (first, last))
    email = f"{mailbox}{birth.year % 100:02d}@posta.example" if chance.random() < 0.7 else ""
    phone = f"+39 3{chance.randrange(20, 99)} {chance.randrange(1_000_000, 9_999_999)}" if chance.random() < 0.9 else ""
    code = fiscal_code(first, last, sex, birth, place)
    return Person(
        first_name=first,
        last_name=last,
        search_name=search_name(last, first),
        fiscal_code=code,
        birth_date=birth,
        birth_place=place,
        sex=sex,
        email=email,
        phone=phone,
        phone_e164=phone.replace(" ", ""),
        identifiers=kept_text(_known_by(code)),
    )


def _known_by(code: str) -> list[Identifier]:
    """The fiscal code, and for one in eight the passport that they showed too: of no country, its number from their code."""
    known_by = [Identifier(kind="fiscalCode", value=code)]
    if code[15] in "ABC":
        known_by.append(Identifier(kind="passport", value=f"X{code[6:11]}{code[12:16]}", issuer="Utopia"))
    return known_by
