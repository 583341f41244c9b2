"""The rules of `varco.text` as Django's validators, for models and forms."""

from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

from varco import text

UNSEEN = _(
    "Character %(position)d (%(character)s) cannot be seen here, or changes the direction of writing. Remove it."
)
LINK = _("A name holds no link or address: “%(link)s” reads like one. Write a blank after a dot.")


@deconstructible
class ReadableText:
    """Refuses what cannot be seen in a text; line breaks too, unless there may be `lines`."""

    def __init__(self, *, lines: bool = False) -> None:
        self.lines = lines

    def __call__(self, value: str) -> None:
        """Raise `ValidationError` with the position."""
        unseen = text.several_lines(value) if self.lines else text.one_line(value)
        if unseen:
            facts = {"position": unseen.position, "character": unseen.code_point}
            raise ValidationError(UNSEEN, code="invisible_characters", params=facts)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), self.lines))


@deconstructible
class PersonName(ReadableText):
    """Refuses in the name of a person, besides, what a mail program would make a link of."""

    def __init__(self) -> None:
        super().__init__()

    def __call__(self, value: str) -> None:
        """Raise `ValidationError`."""
        super().__call__(value)
        link = text.link_in(value)
        if link:
            raise ValidationError(LINK, code="link_in_name", params={"link": link})
