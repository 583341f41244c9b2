"""Just enough of HTML to use a page: its words, links and forms, read with the standard library."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple

_SILENT = frozenset({"script", "style", "template", "svg", "title"})
_VOID = frozenset({"input", "br", "img", "meta", "link", "hr", "use", "path"})


@dataclass
class Control:
    """A field or button of a form; `chosen` says whether it is sent as the page stands."""

    tag: str
    name: str
    value: str
    kind: str = ""
    chosen: bool = True
    action: str = ""


@dataclass
class Form:
    """A form: where it goes, and its controls in order."""

    action: str
    method: str
    controls: list[Control] = field(default_factory=list)

    def names(self) -> set[str]:
        """Names of its fields."""
        return {control.name for control in self.controls if control.name}

    def options(self, name: str) -> list[str]:
        """Values a field of this name offers."""
        return [control.value for control in self.controls if control.name == name]

    def button(self, sends: str) -> Control | None:
        """The button that sends this, `name=value`: its words are in the language of the person."""
        for control in self.controls:
            if control.kind in {"submit", "button"} and f"{control.name}={control.value}" == sends:
                return control
        return None


class Link(NamedTuple):
    """A link: what it says, where it leads, and as what (`rel`)."""

    words: str
    address: str
    rel: str


class Document(HTMLParser):
    """A parsed page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[Link] = []
        self._by_id: dict[str, Form] = {}
        self._words: list[str] = []
        self._heading: list[str] | None = None
        self._silent: list[str] = []
        self._form: Form | None = None
        self._open: Control | None = None
        self._select: Control | None = None
        self._link: tuple[list[str], str, str] | None = None
        self.heading = ""
        self.feed(text)
        self.close()

    @property
    def text(self) -> str:
        """Every visible word."""
        return " ".join("".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what can be filled in or followed."""
        given = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
            if "id" in given:
                self._by_id[given["id"]] = self._form
        elif tag == "a" and "href" in given:
            self._link = ([], given["href"], given.get("rel", ""))
        elif tag == "h1":
            self._heading = []
        elif tag in {"input", "button", "select", "textarea", "option"}:
            self._control(tag, given)
        if tag not in _VOID:
            self._words.append(" ")

    def _control(self, tag: str, given: dict[str, str]) -> None:
        owner = self._by_id.get(given["form"]) if "form" in given else self._form
        if owner is None or "disabled" in given:
            return
        kind = given.get("type", "submit" if tag == "button" else "text" if tag == "input" else tag).lower()
        control = Control(tag, given.get("name", ""), given.get("value", ""), kind, action=given.get("formaction", ""))
        if tag == "option":
            if self._select is None:
                return
            control = Control(tag, self._select.name, given.get("value", ""), "option", chosen="selected" in given)
            self._choose_first(owner, control)
        elif kind in {"checkbox", "radio"}:
            control.value = given.get("value", "on")
            control.chosen = "checked" in given
        elif kind in {"submit", "button", "image", "reset", "file"}:
            control.chosen = False
        if tag == "select":
            self._select = control
            return
        owner.controls.append(control)
        if tag in {"button", "textarea"}:
            self._open = control

    @staticmethod
    def _choose_first(form: Form, option: Control) -> None:
        """A select sends its first option unless another is marked (HTML, "ask for a reset")."""
        same = [control for control in form.controls if control.kind == "option" and control.name == option.name]
        if not same:
            option.chosen = True
        elif option.chosen:
            same[0].chosen = False

    def handle_endtag(self, tag: str) -> None:
        """Close what was open."""
        if self._silent and tag == self._silent[-1]:
            self._silent.pop()
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "a" and self._link:
            words, address, rel = self._link
            self.links.append(Link(" ".join("".join(words).split()), address, rel))
            self._link = None
        elif tag == "h1" and self._heading is not None:
            self.heading = " ".join("".join(self._heading).split())
            self._heading = None
        elif tag in {"button", "textarea"} and self._open:
            if tag == "textarea":
                self._open.value = self._open.value.removeprefix("\n")
            self._open = None
        if tag not in _VOID:
            self._words.append(" ")

    def handle_data(self, data: str) -> None:
        """Collect words where they belong."""
        if self._silent:
            return
        self._words.append(data)
        if self._heading is not None:
            self._heading.append(data)
        if self._link:
            self._link[0].append(data)
        if self._open and self._open.tag == "textarea":
            self._open.value += data
