"""Decisions: the list names each file with its title, status and date, and the architecture links to all that hold."""

import re

from tests.support import source

HEAD = re.compile(
    r"# (\d+)\. (.+)\n\n- Status: (accepted|proposed|superseded by \[\d{4}\]\(\S+\))\n- Date: (\d{4}-\d\d-\d\d)\n"
)
FILES = tuple(
    path
    for path in source.files(".md")
    if path.parent == source.ROOT / "docs/decisions" and re.match(r"\d{4}-", path.name)
)


def test_the_list_names_every_decision_with_its_title_status_and_date() -> None:
    rows = re.findall(r"^\| \[\d{4}\].*$", source.read("docs/decisions/README.md"), re.MULTILINE)
    expected = []
    for number, path in enumerate(FILES[1:], start=1):
        head = HEAD.match(path.read_text("utf-8"))
        assert head, f"{path.name} does not begin as the template does"
        assert (path.name[:5], int(head[1])) == (f"{number:04d}-", number), f"{path.name}: number {number} is next"
        expected.append(f"| [{number:04d}]({path.name}) | {head[2]} | {head[3]} | {head[4]} |")
    assert rows == expected


def test_decisions_have_the_sections_of_the_template() -> None:
    template = re.findall(r"^## .+$", FILES[0].read_text("utf-8"), re.MULTILINE)
    assert template
    for path in FILES[1:]:
        assert re.findall(r"^## .+$", path.read_text("utf-8"), re.MULTILINE) == template, path.name


def test_the_architecture_links_to_every_decision_that_holds() -> None:
    holding = [path.name for path in FILES[1:] if "- Status: accepted" in path.read_text("utf-8")]
    assert re.findall(r"\(docs/decisions/(\d{4}-[^)]+)\)", source.read("ARCHITECTURE.md")) == holding
