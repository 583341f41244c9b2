"""What the gate keeps and reads: one small interface, two engines behind it, and every statement in `statements`."""

from varco.gate.store.engine import Database, Row, Statement, Step, StoreUnavailable
from varco.gate.store.stores import Stores

__all__ = ["Database", "Row", "Statement", "Step", "StoreUnavailable", "Stores"]
