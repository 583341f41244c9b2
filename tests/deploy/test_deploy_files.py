"""The files of docs/deploy that no server reads here: units for systemd, what makes a container; and which of them `varco init` writes."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.support import source
from tests.support.proxies import DOCUMENTED
from tools import deploy_files
from varco import config
from varco.ops import cli

DEPLOY = source.ROOT / "docs" / "deploy"
SETTINGS = {config.variable(name) for name in config.Settings.__dataclass_fields__}
UNITS = sorted(path.name for path in DEPLOY.glob("*.service"))


@pytest.mark.parametrize("name", deploy_files.contents())
def test_what_varco_init_writes_is_what_is_documented(name: str) -> None:
    documented = (DEPLOY / name).read_text("utf-8")
    assert deploy_files.contents()[name] == documented, "run: python tools/deploy_files.py"


def test_systemd_understands_every_unit_and_finds_little_exposed(tmp_path: Path) -> None:
    assert len(UNITS) == 4
    names = []
    for unit in UNITS:
        text = (DEPLOY / unit).read_text("utf-8").replace("/opt/varco/bin/varco", "/usr/bin/true")
        names.append(str(tmp_path / unit.replace("@", "@8001")))
        for name in {unit, unit.replace("@", "@8001")}:
            (tmp_path / name).write_text(text, "utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True, check=False
    )
    said = [line for line in verified.stderr.splitlines() if str(tmp_path) in line or "varco" in line]
    assert (verified.returncode, said) == (0, [])
    for name in names:
        found = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=20", name], capture_output=True, text=True, check=False
        )  # fmt: skip
        assert found.returncode == 0, found.stdout[-300:]


def test_each_unit_starts_a_command_that_there_is_with_the_settings_of_the_installation() -> None:
    started = {}
    for name in UNITS:
        lines = [line.partition("=")[::2] for line in (DEPLOY / name).read_text("utf-8").splitlines()]
        words = dict(lines)["ExecStart"].split()
        options = cli._parser().parse_args(words[words.index("/opt/varco/bin/varco") + 1 :])
        started[name] = (options.run.__name__, getattr(options, "what", ""))
        assert next(value for key, value in lines if key == "EnvironmentFile") == "/etc/varco/varco.env"
    assert started == {
        "varco.service": ("_serve", "all"),
        "varco-gate@.service": ("_serve", "gate"),
        "varco-portal@.service": ("_serve", "portal"),
        "varco-worker@.service": ("_worker", ""),
    }


def instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    return [(found[1], found[2]) for found in re.finditer(r"^([A-Z]+) (.*)$", text, re.MULTILINE)]


def test_the_wheel_is_made_of_what_the_containerfile_copies(tmp_path: Path) -> None:
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from"):
            *sources, target = rest.split()
            for name in sources:
                if (source.ROOT / name).is_dir():
                    shutil.copytree(source.ROOT / name, tmp_path / target, ignore=shutil.ignore_patterns("*.pyc"))
                else:
                    shutil.copy(source.ROOT / name, tmp_path / target)
    assert {path.name for path in tmp_path.iterdir()} == {
        "requirements.lock",
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "varco",
    }
    steps = [rest for word, rest in instructions() if word == "RUN"]
    assert "--require-hashes -r requirements.lock" in steps[0]
    assert steps[1] == "/opt/varco/bin/pip install --no-cache-dir --no-deps ."
    assert (tmp_path / "requirements.lock").read_text("utf-8").count("--hash=sha256:") > 50


def test_the_container_runs_as_nobody_in_particular_and_starts_a_server() -> None:
    told = dict(instructions())
    assert f"--uid {told['USER']} " in next(rest for word, rest in instructions() if "useradd" in rest)
    assert (told["ENTRYPOINT"], told["CMD"]) == ('["varco"]', '["serve"]')
    assert set(re.findall(r"(VARCO_\w+)=", told["ENV"])) <= SETTINGS


def test_what_is_composed_are_commands_settings_and_ports_that_there_are() -> None:
    composed: dict[str, Any] = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text("utf-8"))
    ours = {name: service for name, service in composed["services"].items() if service["image"] == "varco"}
    served: dict[str, set[str]] = {"gate": set(), "portal": set()}
    for service in ours.values():
        options = cli._parser().parse_args(service["command"])
        assert service["read_only"] is True
        variables = service.get("environment", {})
        assert set(variables) <= SETTINGS
        if "VARCO_PORT" in variables:
            served[options.what].add(f"127.0.0.1:{variables['VARCO_PORT']}")
            assert service["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert served == {plane: set(found) for plane, found in DOCUMENTED.items()}
    assert ours["migrate"]["env_file"] == ["varco.env", "owner.env"], "of several files the last one counts there"
    for service in composed["services"].values():
        for volume in service["volumes"]:
            name = volume.partition(":")[0]
            assert (DEPLOY / name).is_file() if name.startswith("./") else name in composed["volumes"]


def test_the_three_lines_of_the_readme_are_commands_that_there_are() -> None:
    shown = source.read("README.md").split("## Run it")[1].split("```sh\n")[1].split("```")[0].splitlines()
    assert len(shown) == 3
    commands = [part.split("#")[0].split() for line in shown for part in line.split("&&") if "bin/varco" in part]
    words = [cli._parser().parse_args(command[1:]).run.__module__ for command in commands]
    assert len(words) == 4
    assert "pip install varco-*.whl" in shown[0]
