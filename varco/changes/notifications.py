"""What developers are told of changes to the API, by kind."""

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

from varco.mail.notifications import Notification
from varco.registry.models import Application


@dataclass(frozen=True)
class OperationsDeprecated(Notification):
    """To the developers: an application uses operations that are deprecated, by one entry of the changelog.

    `sunset` is the first day on which one of them may cease to answer; None: no day is known.
    """

    code: ClassVar[str] = "operations_deprecated"
    application: Application
    change: str
    operations: tuple[str, ...]
    sunset: dt.date | None
