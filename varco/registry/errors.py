"""The three ways a service of the registry says no; each leaves everything as it was."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise

Text = str | Promise
Faults = dict[str, list[Text]]


class Denied(Exception):  # noqa: N818 - an answer, not a failure of the program
    """This person has no part in this application. To them it does not exist: pages answer 404."""


class Conflict(Exception):  # noqa: N818 - an answer, not a failure of the program
    """The thing is no longer as the person saw it, so the act was not done. Pages answer 409 and show how it stands."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


class Invalid(Exception):  # noqa: N818 - an answer, not a failure of the program
    """What was entered cannot be accepted; `faults` are sentences by field."""

    def __init__(self, faults: Mapping[str, Sequence[Text]]) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, texts in faults.items() for text in texts))
        self.faults: Faults = {name: list(texts) for name, texts in faults.items()}
