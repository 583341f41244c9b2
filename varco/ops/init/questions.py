"""What `varco init` asks. Each answer is held against the rules of its setting at once, and asked again where it breaks them."""

import argparse
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from varco import config
from varco.ops.preflight import OperationError

DATABASES = ("platform_database", "clinic_database", "sandbox_database")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PROBE_ISSUER = "https://login.example.org"


@dataclass(frozen=True, slots=True)
class Question:
    """One setting that is asked for; `option` answers beforehand. `none` is what means nothing at all, where that may be."""

    name: str
    option: str
    text: str
    default: str = ""
    none: str = ""


ISSUER = Question("issuer", "--issuer", "Public address of this server, as browsers see it (https://login.example.org)")
PROXIES = Question(
    "trusted_proxies",
    "--trusted-proxies",
    "Networks that the TLS proxy's connections come from",
    default="127.0.0.1/32,::1/128",
    none="none",
)
STORAGE = Question(
    "storage",
    "--storage",
    "Where data is kept: embedded (files here, one machine) or postgresql",
    default="embedded",
)
URLS = tuple(
    Question(name, f"--{name.replace('_', '-')}", f"PostgreSQL of the {name.partition('_')[0]} data (postgresql://user:password@host/name)")
    for name in DATABASES
)  # fmt: skip
MAIL = Question("smtp_url", "--smtp-url", "Mail server (smtp://user:password@host:587)", default="none", none="none")
VENDOR = Question("vendor", "--vendor", "Name of the product, as people read it", default="GipoNext")
OPERATOR = Question("operator", "--operator", "E-mail address of the first operator")
ALL = (ISSUER, PROXIES, STORAGE, *URLS, MAIL, VENDOR, OPERATOR)

Answers = dict[str, str]
Ask = Callable[[str], str]


def add_options(parser: argparse.ArgumentParser) -> None:
    """An option for each question."""
    for question in ALL:
        choices = ["embedded", "postgresql"] if question is STORAGE else None
        parser.add_argument(question.option, dest=question.name, choices=choices, help=question.text)


def answers(options: argparse.Namespace, ask: Ask | None) -> Answers:
    """The answer to each question that matters: of its option or variable, or asked, or where nobody can be asked its default.

    Raises `OperationError` for an option that will not do, and for what has no default.
    """
    given: Answers = {}
    for question in ALL:
        if not _matters(question, given):
            continue
        value = getattr(options, question.name)
        where = question.option
        if value is None and config.variable(question.name) in os.environ:
            # Passwords among the options of a command are there for everybody on the machine to see.
            where = config.variable(question.name)
            value = os.environ[where]
        if value is not None:
            fault = _fault(question, value)
            if fault:
                raise OperationError(f"{where}: {fault}")
        elif ask is None:
            value = question.default
            if not value:
                raise OperationError(f"{question.option} is needed: {question.text}")
        else:
            value = _prompt(question, ask)
        given[question.name] = "" if question.none and value == question.none else value.strip()
    return given


def _matters(question: Question, given: Mapping[str, str]) -> bool:
    """Whether it is worth asking after what was answered before: plain http is a trial on this machine, without a proxy."""
    if question is PROXIES:
        return given["issuer"].lower().startswith("https:")
    return question not in URLS or given["storage"] == "postgresql"


def _prompt(question: Question, ask: Ask) -> str:
    shown = f" [{question.default}]" if question.default else ""
    while True:
        try:
            value = ask(f"{question.text}{shown}: ").strip() or question.default
        except EOFError:
            raise OperationError(f"no answer; {question.option} gives it beforehand") from None
        fault = _fault(question, value)
        if not fault:
            return value
        print(f"  {fault}")


def _fault(question: Question, value: str) -> str:
    """Why an answer will not do, by the rules of the setting itself."""
    if question.none and value == question.none:
        return ""
    if not value.strip():
        return "an answer is needed"
    if question is OPERATOR:
        return "" if _ADDRESS.fullmatch(value) and value.isprintable() else "must be an e-mail address"
    if question is STORAGE:
        return "" if value in {"embedded", "postgresql"} else "must be embedded or postgresql"
    if question in URLS and not value.startswith("postgresql:"):
        return "must be postgresql://user:password@host:port/name"
    variable = config.variable(question.name)
    try:
        config.load({"VARCO_ISSUER": _PROBE_ISSUER, variable: value})
    except config.ConfigError as fault:
        return str(fault).removeprefix(f"{variable}: ")
    return ""
