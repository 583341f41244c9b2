"""What is documented is what there is, and the other way round."""

import ast
import re
from pathlib import Path

import pytest

from tests.support import source
from varco import catalog, config
from varco.audit.tags import Tag

DOCUMENTS = tuple(path for path in source.files(".md") if "node_modules" not in path.parts)
ERROR_CODE = re.compile(r"^[a-z][a-z_]{3,}$")
# What is called with an error code, as its first argument or as `error`.
REFUSING = ("OAuthError", "row", "_forbidden", "_poll_error")


def first_cells(document: str) -> list[str]:
    """The word in backticks that each table row of a document begins with."""
    return re.findall(r"^\| `([^`]+)` \|", source.read(document), re.MULTILINE)


def test_every_setting_is_in_the_configuration_page() -> None:
    assert source.read("docs/configuration.md") == config.markdown(), (
        "run: varco config --markdown > docs/configuration.md"
    )


def test_every_audit_tag_is_in_the_audit_page_once() -> None:
    assert sorted(first_cells("docs/audit.md")) == sorted(Tag)


def test_audit_tags_have_their_grammar() -> None:
    assert [tag for tag in Tag if not re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*", tag)] == []


def test_every_audit_tag_is_recorded_somewhere() -> None:
    code = "\n".join(path.read_text("utf-8") for path in source.python("varco") if path.name != "tags.py")
    assert [tag.name for tag in Tag if f"Tag.{tag.name}" not in code and f'"{tag.value}"' not in code] == []


def test_scopes_claims_and_roles_are_in_the_scopes_page_as_the_catalogue_has_them() -> None:
    words = catalog.current()
    page = source.read("docs/scopes.md")

    def cell(names: tuple[str, ...], otherwise: str) -> str:
        return ", ".join(f"`{name}`" for name in names) or otherwise

    for scope in words.scopes.values():
        permissions = cell(scope.permissions, "none")
        assert f"| `{scope.name}` | {scope.kind} | {scope.risk} | {permissions} | {scope.sentence.en} |" in page
    for claim in words.claims.values():
        assert f"| `{claim.name}` | {cell(claim.members, '')} |" in page
    for role in words.roles.values():
        assert f"| `{role.name}` | {cell(role.permissions, 'none')}" in page
    for name, resource in words.api.items():
        needs = ", ".join(f"{access}: `{permission}`" for access, permission in resource.permissions.items())
        reading = f"`{resource.read_scope}`" if resource.read_scope else "none"
        assert f"| {name} | `{resource.scope}` | {reading} | {needs} |" in page
    assert set(first_cells("docs/scopes.md")) == {*words.scopes, *words.claims, *words.roles}


def test_every_resource_of_the_api_is_in_its_page_with_what_it_needs() -> None:
    words = catalog.current()
    page = source.read("docs/api.md")
    for name, resource in words.api.items():
        needs = [
            f"`{resource.permissions[access]}`" if access in resource.permissions else ""
            for access in ("read", "write")
        ]
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert f"| `{resource.scope}` | {needs[0]} |{f' {needs[1]}' if needs[1] else ''} |" in row
    codes = set(re.findall(r'"([a-z_]+)", f?"(?:This|There)', source.read("varco/json_fields.py")))
    assert codes
    assert [code for code in sorted(codes) if f"`{code}`" not in page] == []


def test_the_demo_page_names_every_option_client_and_member_of_the_client_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from varco.ops import cli
    from varco.ops.demo.client_file import ClientChange
    from varco.ops.demo.clients import PLANS

    page = source.read("docs/demo.md")
    with pytest.raises(SystemExit):
        cli.main(["demo", "--help"])
    options = set(re.findall(r"(--[a-z-]+)", capsys.readouterr().out)) - {"--help"}
    clients = page.split("## The clients")[1].split("## The client file")[0]
    members = page.split("## The client file")[1].split("```")[0]
    assert set(re.findall(r"`(--[a-z-]+)", page)) == options
    assert set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (`[^|]+) \|", clients, re.MULTILINE)))) == {
        plan.key for plan in PLANS
    }
    assert set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (`[^|]+) \|", members, re.MULTILINE)))) == set(
        ClientChange.__struct_fields__
    )


def raised_codes() -> dict[str, str]:
    """Every error code that the code can answer, and where; a rule that no endpoint uses yet answers nothing."""
    found = {}
    for path in source.python("varco"):
        if path.parent.name == "protocol" and not source.is_imported(path):
            continue
        for call in source.calls(path, *REFUSING):
            candidates = [
                *call.args[:2],
                *(keyword.value for keyword in call.keywords if keyword.arg in {"error", "code"}),
            ]
            for node in candidates:
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and ERROR_CODE.match(node.value):
                    found[node.value] = f"{source.name(path)}:{node.lineno}"
    return found


def test_every_error_code_is_in_the_errors_page_and_none_that_is_not_answered() -> None:
    raised = raised_codes()
    assert len(raised) > 10
    documented = first_cells("docs/errors.md")
    assert {code: where for code, where in raised.items() if code not in documented} == {}
    code = "\n".join(path.read_text("utf-8") for path in source.python("varco"))
    made_up = {
        f"{name}_not_supported" for name in ("request", "request_uri", "registration")
    }  # composed where they are answered
    assert [word for word in documented if f'"{word}"' not in code and word not in made_up] == []
    assert len(documented) == len(set(documented))


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=source.name)
def test_links_between_documents_resolve(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"(?:src|srcset|href)=\"([^\"]+)\"", text)
    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), f"{source.name(path)} → {target}"
        if anchor and found.suffix == ".md":
            assert anchor in anchors(found), f"{source.name(path)} → {target}"


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_files_that_documents_name_exist(document: str) -> None:
    text = source.read(document)
    named = set(re.findall(r"`((?:varco|tests|docs|bench|tools)/[\w./-]*)`", text))
    assert [name for name in sorted(named) if not (source.ROOT / name).exists()] == []


def test_commands_that_documents_name_exist() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", source.read("Makefile"), re.MULTILINE))
    for path in DOCUMENTS:
        text = path.read_text("utf-8")
        named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
        assert named <= targets, f"{source.name(path)}: make {named - targets}"


def test_varco_commands_that_documents_name_exist(capsys: pytest.CaptureFixture[str]) -> None:
    from varco.ops import cli

    with pytest.raises(SystemExit):
        cli.main(["--help"])
    known = set(re.findall(r"[a-z]+", capsys.readouterr().out))
    for path in DOCUMENTS:
        named = set(re.findall(r"(?:^|`)(?:\.venv/bin/)?varco ([a-z]+)", path.read_text("utf-8"), re.MULTILINE))
        assert named <= known, f"{source.name(path)}: varco {named - known}"


def test_people_of_the_readme_are_the_people_of_the_demo() -> None:
    world = "\n".join(path.read_text("utf-8") for path in source.python("varco") if "ops" in path.parts)
    for email in re.findall(r"^\| `([^`]+@[^`]+)` \|", source.read("README.md"), re.MULTILINE):
        given = email.partition("@")[0]
        assert email in world or f'"{given.capitalize()}"' in world, f"{email} is not in the demo's world"
