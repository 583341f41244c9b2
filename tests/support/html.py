"""HTML pages as a browser's parser reads them (HTML, §13.2), asked by CSS selectors.

Lexbor, in C, takes a thirtieth of what a parser in Python does, which was a fifth of the cost of the portal's tests.
"""

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

# What these hold is no text of the page.
_SILENT = "script, style, template"


class Element:
    """An element of a page; the page itself is its root, `html`."""

    def __init__(self, node: LexborNode) -> None:
        self._node = node

    @property
    def name(self) -> str:
        """Its tag, in small letters."""
        return self._node.tag or ""

    @property
    def attrs(self) -> dict[str, str]:
        """Its attributes; one without a value has the empty text."""
        return {name: value or "" for name, value in self._node.attributes.items()}

    def get(self, name: str, default: str = "") -> str:
        """An attribute, or the default where there is none."""
        attributes = self._node.attributes
        return (attributes[name] or "") if name in attributes else default

    def __getitem__(self, name: str) -> str:
        """An attribute that is there."""
        return self._node.attributes[name] or ""

    def has_attr(self, name: str) -> bool:
        return name in self._node.attributes

    @property
    def classes(self) -> list[str]:
        return self.get("class").split()

    def select(self, selector: str) -> list["Element"]:
        """Every element below it that a CSS selector matches, in the order of the page."""
        return [Element(node) for node in self._node.css(selector)]

    def select_one(self, selector: str) -> "Element | None":
        """The first of them."""
        node = self._node.css_first(selector)
        return None if node is None else Element(node)

    def one(self, selector: str) -> "Element":
        """The first of them, which has to be there."""
        found = self.select_one(selector)
        assert found is not None, f"nothing is {selector} in {self}"
        return found

    def find_parent(self, name: str) -> "Element | None":
        """The nearest element around it with that tag."""
        return next((element for element in self._around() if element.name == name), None)

    def _around(self) -> Iterator["Element"]:
        node = self._node.parent
        while node is not None:
            yield Element(node)
            node = node.parent

    def get_text(self, separator: str = "", *, strip: bool = False) -> str:
        """Its text, with the separator between the pieces that elements part it into; `strip`: each without space around it."""
        node = self._node
        if node.css_first(_SILENT) is not None:
            node = node.clone()
            for silent in node.css(_SILENT):
                silent.decompose()
        if strip:  # of a piece that is nothing but space, no separator either
            return node.text(separator=separator, strip=True, skip_empty=True)
        return node.text(separator=separator)

    def remove(self) -> None:
        """Take it out of the page."""
        self._node.decompose()

    def __str__(self) -> str:
        return self._node.html or ""


def parse(content: bytes | str) -> Element:
    """The page of an answer's body, or what a fragment becomes in one."""
    root = LexborHTMLParser(content).root
    assert root is not None
    return Element(root)
