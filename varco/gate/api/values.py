"""Values that all resources have in common: ids and versions."""

from typing import Annotated

from msgspec import Meta

Id = Annotated[int, Meta(extra_json_schema={"format": "int64"})]
"""Identifier of an object."""

Version = Annotated[int, Meta(description="Grows with each change; its ETag.", extra_json_schema={"format": "int64"})]
"""How often an object was changed (S54)."""
