"""The pages of `docs/`, rendered once a process."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin

ROOT = Path(__file__).parent / "pages"
HOME = "/docs/"
_IMAGE = ".png"
_HEADLESS = re.compile(r"<thead>\s*<tr>\s*(?:<th></th>\s*)+</tr>\s*</thead>\s*")
_SOURCE = re.compile(r'(src|srcset)="([^":]+)"')


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it; `path` leads to it, anchor and all."""

    path: str
    page: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A page: its name in the address, its title, its content as HTML without the title, and its sections."""

    name: str
    title: str
    html: str
    source: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the index: a page and what it is about."""

    name: str
    title: str
    about: str


@dataclass(slots=True)
class Group:
    """The pages for one kind of reader."""

    title: str
    entries: list[Entry] = field(default_factory=list)


def address(name: str) -> str:
    """The path of a page."""
    return f"{HOME}{name}/"


@cache
def names() -> frozenset[str]:
    """Every page there is."""
    return frozenset(name.removesuffix(".md") for name in _files() if name.endswith(".md"))


def document(name: str) -> Document | None:
    """One page; None for a name that is none."""
    return _rendered(name) if name in names() else None


@cache
def _rendered(name: str) -> Document:
    # Of the names of pages alone: what anybody asks for besides is not kept.
    source = (ROOT / f"{name}.md").read_text("utf-8")
    tokens = _reader().parse(source)
    title, rest = _split(tokens)
    _lead(tokens, name)
    html = str(_reader().renderer.render(rest, _reader().options, {}))
    html = _HEADLESS.sub("", html).replace("<th></th>", "<td></td>")  # Markdown has no table without heads
    return Document(name, title, _within_reach(html, name), source, tuple(_sections(rest, name, title)))


def image(name: str) -> bytes | None:
    """A picture of the pages; None for a name that is none."""
    found = _files().get(f"pictures/{name}")
    return found.read_bytes() if found and found.suffix == _IMAGE else None


def attachment(name: str) -> str | None:
    """A file that pages link to and that is no page, as text; None for a name that is none."""
    found = _files().get(name)
    return found.read_text("utf-8") if found and found.suffix not in {".md", _IMAGE} else None


@cache
def index() -> tuple[Group, ...]:
    """The pages by whom they are for, as docs/index.md lists them."""
    groups: list[Group] = []
    for line in (ROOT / "index.md").read_text("utf-8").splitlines():
        if found := re.fullmatch(r"For those who \*\*(.+)\*\*:", line):
            groups.append(Group(found[1]))
        elif found := re.fullmatch(r"- \[(.+?)\]\((.+?)\.md\): (.+)", line):
            groups[-1].entries.append(Entry(found[2], found[1], _plain(found[3])))
    return tuple(groups)


@cache
def sections() -> tuple[Section, ...]:
    """Every section of every page."""
    found = (document(name) for name in sorted(names()))
    return tuple(section for page in found if page for section in page.sections)


def inline(markdown: str, name: str) -> str:
    """A line of a page, such as a cell of a table, as HTML."""
    tokens = _reader().parseInline(markdown)
    _lead(tokens, name)
    return str(_reader().renderer.render(tokens, _reader().options, {}))


@cache
def _files() -> Mapping[str, Path]:
    """Every file of `docs/` by its name there."""
    return {path.relative_to(ROOT).as_posix(): path for path in ROOT.rglob("*") if path.is_file()}


@cache
def _reader() -> MarkdownIt:
    # The pages are our own, so their HTML (pictures for light and dark) may stand.
    reader = MarkdownIt("commonmark", {"html": True}).enable("table").use(anchors_plugin, max_level=4)
    # What is wider than a telephone scrolls by itself, by the keyboard too.
    reader.add_render_rule("table_open", lambda *_: '<div class="prose__table" tabindex="0"><table class="table">\n')
    reader.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return reader


def _split(tokens: list[Token]) -> tuple[str, list[Token]]:
    """The title, which is the first heading, and everything after it."""
    if tokens and tokens[0].type == "heading_open":
        return _text(tokens[1]), tokens[3:]
    return "", tokens


def _text(token: Token) -> str:
    return "".join(
        child.content for child in token.children or [] if child.type in {"text", "code_inline", "softbreak"}
    )


def _sections(tokens: Sequence[Token], name: str, title: str) -> Iterator[Section]:
    heading, anchor, words = title, "", list[str]()
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            if words or anchor:
                yield Section(address(name) + anchor, title, heading, " ".join(words))
            heading, anchor, words = _text(tokens[place + 1]), f"#{token.attrGet('id')}", []
        elif token.type == "inline" and tokens[place - 1].type != "heading_open":
            words.append(_text(token))
        elif token.type in {"fence", "code_block"}:
            words.append(token.content)
    yield Section(address(name) + anchor, title, heading, " ".join(words))


def _lead(tokens: list[Token], name: str) -> None:
    """Let links lead to where pages are served; one that leaves `docs/` keeps its words alone."""
    for token in tokens:
        children = token.children or []
        opened: list[bool] = []
        kept: list[Token] = []
        for child in children:
            if child.type == "link_open":
                target = _target(str(child.attrGet("href")), name)
                opened.append(bool(target))
                if not target:
                    continue
                child.attrSet("href", target)
            elif child.type == "link_close" and not opened.pop():
                continue
            elif child.type == "image":
                child.attrSet("src", _target(str(child.attrGet("src")), name))
            kept.append(child)
        if children:
            token.children = kept


def _target(link: str, name: str) -> str:
    """Where a link of a page leads; empty for what is not served."""
    if "://" in link or link.startswith(("mailto:", "#", "/")):
        return link
    path, _, anchor = link.partition("#")
    found = posixpath.normpath(posixpath.join(str(PurePosixPath(name).parent), path))
    anchor = f"#{anchor}" if anchor else ""
    if found.endswith(".md") and found.removesuffix(".md") in names():
        return address(found.removesuffix(".md")) + anchor
    if found.startswith("pictures/"):
        return HOME + found
    return f"{HOME}files/{found}" if attachment(found) is not None else ""


def _within_reach(html: str, name: str) -> str:
    """Pictures of written HTML from where they are served."""
    return _SOURCE.sub(lambda found: f'{found[1]}="{_target(found[2], name)}"', html)


def _plain(markdown: str) -> str:
    return "".join(_text(token) for token in _reader().parse(markdown) if token.type == "inline")
