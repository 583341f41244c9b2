"""The API, version 2: importing this package declares its operations."""

from varco.gate.api import agendas, patients, userinfo
from varco.gate.api.operations import registry

__all__ = ["agendas", "patients", "registry", "userinfo"]
