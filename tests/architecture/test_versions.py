"""The version stands in one place, and the changelog knows it."""

import re
import tomllib
from importlib.metadata import version

import varco
from tests.support import source


def test_the_package_takes_its_version_from_the_code() -> None:
    project = tomllib.loads(source.read("pyproject.toml"))
    assert "version" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "varco.__version__"}
    assert version("varco") == varco.__version__


def test_the_changelog_begins_with_what_is_unreleased_and_knows_every_version() -> None:
    headings = re.findall(r"^## (.+)$", source.read("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    released = [re.fullmatch(r"(\d+\.\d+\.\d+) - \d{4}-\d\d-\d\d", heading) for heading in headings[1:]]
    assert None not in released, headings
    # Until the first release the version is the one that is being made.
    assert [match[1] for match in released if match][:1] in ([], [varco.__version__])


def test_the_pythons_that_are_tried_are_the_ones_it_installs_on() -> None:
    wanted = tomllib.loads(source.read("pyproject.toml"))["project"]["requires-python"]
    assert wanted == ">=3.11"
    for file in (".github/workflows/test.yml", ".gitlab-ci.yml"):
        text = source.read(file)
        assert set(re.findall(r"python(3\.\d+),", text)) == {"3.11", "3.12", "3.13"}, file
        assert re.findall(r"^ +-(?: run:)? (make .+)$", text, re.MULTILINE) == ["make test"], file
