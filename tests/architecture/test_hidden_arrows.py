"""Arrows that no import shows: names of addresses and templates, reads past a module, private parts of libraries."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support import source

FACE_ONLY = {"reverse", "reverse_lazy", "resolve", "render_to_string", "render", "get_template", "select_template"}
# Who answers for an application in its team is read and written under this name by these alone.
OWNER = re.compile(r"(?:^|__)owner(?:_id)?(?:__|$)")
READS_OWNER = {
    f"varco/registry/{name}.py"
    for name in ("access", "models", "team_models", "lifecycle", "migrations/0016_a_team_for_each")
}
WRITES_OWNER = {f"varco/registry/services/{name}.py" for name in ("applications", "sweeping", "teams", "transfers")}


def of_apps() -> tuple[Path, ...]:
    return tuple(path for path in source.python("varco") if path.relative_to(source.ROOT).parts[1] in source.APPS)


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Module and name of everything a file imports, wherever in it."""
    for node in ast.walk(source.tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def test_the_apps_stand_where_this_test_looks() -> None:
    assert {"accounts", "audit", "clinical", "grants", "mail", "registry", "tenants"} <= {
        path.relative_to(source.ROOT).parts[1] for path in of_apps()
    }


def test_apps_name_no_address_and_no_template() -> None:
    found = [
        f"{source.name(path)}: {module}.{name}"
        for path in of_apps()
        for module, name in imports(path)
        if name in FACE_ONLY or module.startswith(("django.urls", "django.template", "django.shortcuts"))
    ]
    found += [
        f"{source.name(path)}: {node.value}"
        for path in of_apps()
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.fullmatch(r"[\w/{}.-]+\.(html|txt)|(staff|developer|clinic|account|connected):\w+", node.value)
    ]
    assert found == []


def test_the_registry_and_the_protocol_tell_faults_as_codes() -> None:
    """What people read is worded by the face that shows it; labels of choices stand with their models."""
    labels = {
        "varco/registry/models.py",
        "varco/registry/team_models.py",
        "varco/registry/sandbox_models.py",
        "varco/registry/reasons.py",
    }
    found = [
        f"{source.name(path)}: {name}"
        for path in of_apps()
        for module, name in imports(path)
        if module == "django.utils.translation" and source.name(path) not in labels
        if path.relative_to(source.ROOT).parts[1] == "registry"
    ]
    assert found == []


def _is_view(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "views"


def _owner_reads(path: Path) -> Iterator[str]:
    for node in ast.walk(source.tree(path)):
        if isinstance(node, ast.Attribute) and node.attr in {"owner", "owner_id"}:
            yield f"{source.name(path)}:{node.lineno} .{node.attr}"
        elif isinstance(node, ast.Attribute) and node.attr == "applications" and not _is_view(node):
            yield f"{source.name(path)}:{node.lineno} .applications of an account"
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg and OWNER.search(keyword.arg):
                    yield f"{source.name(path)}:{node.lineno} {keyword.arg}="
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and OWNER.search(node.value):
            yield f"{source.name(path)}:{node.lineno} {node.value!r}"


def test_who_owns_an_application_is_read_in_one_place() -> None:
    found = [
        read for path in source.python("varco") if source.name(path) not in READS_OWNER for read in _owner_reads(path)
    ]
    assert [read for read in found if read.partition(":")[0] not in WRITES_OWNER] == []
    assert {read.partition(":")[0] for read in found} == WRITES_OWNER, (
        "a service that writes nothing of it is on the list"
    )
    in_templates = [
        source.name(path)
        for path in source.files()
        if "templates" in path.parts and re.search(r"\.owner\b", path.read_text("utf-8"))
    ]
    assert in_templates == []


def test_no_module_uses_private_parts_of_a_library() -> None:
    found = [
        f"{source.name(path)}: {module}.{name}"
        for path in source.python("varco", "bench", "examples")
        for module, name in imports(path)
        if not module.startswith(("varco", "bench")) and module != "__future__"
        if any(part == "internal" or part.startswith("_") for part in (*module.split("."), name) if part)
    ]
    assert found == []


def test_no_class_overrides_a_private_method_of_djangos_forms() -> None:
    private = {"_clean_fields", "_clean_form", "_post_clean", "_get_validation_exclusions", "_save_m2m"}
    found = [
        f"{source.name(path)}: {node.name}"
        for path in source.python("varco")
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.FunctionDef) and node.name in private
    ]
    assert found == []


def test_no_app_imports_for_its_types_alone_what_it_may_not_import() -> None:
    found = [source.name(path) for path in of_apps() if ("typing", "TYPE_CHECKING") in imports(path)]
    assert found == [], "import it, or say what is needed of it as a Protocol"
