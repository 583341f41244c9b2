"""The `varco` command as a person runs it: what it prints, and how it refuses."""

import base64
import importlib.metadata
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import varco as varco_package
from tests.support import database_templates
from tests.support.commands import MASTER_KEY, ROOT, Databases, here, varco
from tests.support.postgres import free_port
from varco import config
from varco.ops import cli

ISSUER = "http://localhost:8000"


def test_the_version_is_printed_without_any_setting() -> None:
    run = varco("version")
    assert re.fullmatch(r"varco 0\.1\.0 \(build [0-9a-f]{12}\)\n", run.stdout)
    assert (run.returncode, run.stderr) == (0, "")


def test_a_build_is_told_with_all_it_stands_on() -> None:
    told = json.loads(varco("version", "--json").stdout)
    assert told["version"] == varco_package.__version__
    assert told["build"] in varco("version").stdout
    assert told["dependencies"]["Django"].startswith("5.2.")
    assert "missing" not in told["dependencies"].values()
    assert told["migrations"]["registry"] >= "0007"


def test_another_build_has_another_id(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "varco", tmp_path / "varco", ignore=shutil.ignore_patterns("__pycache__"))
    assert varco("version", code=tmp_path).stdout == varco("version").stdout
    (tmp_path / "varco/portal/templates/layouts/app.html").write_text("other", "utf-8")
    assert varco("version", code=tmp_path).stdout != varco("version").stdout


def test_the_bill_of_materials_names_what_is_installed(tmp_path: Path) -> None:
    file, python = tmp_path / "bill.json", tmp_path / "environment/bin/python"
    locked = set(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE))
    # An environment of only what an installation has: with all that the tests need, too, it takes ten times as long.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", python.parent.parent], check=True)
    (packages,) = (python.parent.parent / "lib").glob("python*/site-packages")
    for name in ("varco", *(name for name, _ in locked)):
        described: Path = importlib.metadata.distribution(name)._path  # type: ignore[attr-defined]
        (packages / described.name).symlink_to(described)
    made = subprocess.run(
        [ROOT / "tools/sbom.sh", file],
        env=os.environ | {"PYTHON": str(python)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    bill = json.loads(file.read_text("utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    listed = {(item["name"].lower().replace("_", "-"), item["version"]) for item in bill["components"]}
    assert {(name.lower().replace("_", "-"), version) for name, version in locked} <= listed
    assert any(item["ref"] == "root-component" and len(item["dependsOn"]) > 10 for item in bill["dependencies"])


def test_the_page_of_settings_is_the_one_the_command_renders() -> None:
    run = varco("config", "--markdown")
    assert run.stdout == (ROOT / "docs/configuration.md").read_text("utf-8"), (
        "run: varco config --markdown > docs/configuration.md"
    )


def test_settings_are_shown_without_their_secrets(tmp_path: Path) -> None:
    database = "postgresql://varco:hunter2hunter2@db.example/platform"
    run = varco("config", issuer=ISSUER, data_dir=str(tmp_path), master_keys=MASTER_KEY, platform_database=database)
    assert run.returncode == 0
    assert "VARCO_PLATFORM_DATABASE=(set)\n" in run.stdout
    assert "VARCO_MASTER_KEYS=(set)\n" in run.stdout
    assert "VARCO_ACCESS_LOG=errors\n" in run.stdout
    assert "hunter2" not in run.stdout
    assert MASTER_KEY not in run.stdout


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "VARCO_ISSUER is required"),
        ({"issuer": "http://login.example.org"}, "VARCO_ISSUER: must be https://"),
        ({"issuer": "https://login.example.org/varco"}, "VARCO_ISSUER: must be an origin"),
        ({"issuer": "https://somebody@login.example.org"}, "VARCO_ISSUER: must be an origin"),
        ({"issuer": "https://login example.org"}, "VARCO_ISSUER: must be an origin"),
        ({"issuer": "https://login.example.org:99999"}, "VARCO_ISSUER: Port out of range"),
        ({"issuer": "https://login.example.org?x=y"}, "VARCO_ISSUER: must be an origin"),
        ({"issuer": "https://login.example.org#x"}, "VARCO_ISSUER: must be an origin"),
        ({"issuer": ISSUER, "access_token_alg": "HS256"}, "VARCO_ACCESS_TOKEN_ALG: must be one of RS256, ES256"),
        ({"issuer": ISSUER, "prot": "8000"}, "VARCO_PROT is not a setting of Varco; did you mean VARCO_PORT?"),
        ({"issuer": ISSUER, "platform_databse": "x"}, "did you mean VARCO_PLATFORM_DATABASE?"),
        ({"issuer": ISSUER, "qqqqqqq": "x"}, "VARCO_QQQQQQQ is not a setting of Varco; see docs/configuration.md"),
        ({"issuer": ISSUER, "port": "0"}, "VARCO_PORT: must be at least 1"),
        ({"issuer": ISSUER, "port": "65536"}, "VARCO_PORT: must be at most 65535"),
        ({"issuer": ISSUER, "refresh_absolute": "0"}, "VARCO_REFRESH_ABSOLUTE: must be at least 1"),
        ({"issuer": ISSUER, "refresh_absolute": "9" * 30}, "VARCO_REFRESH_ABSOLUTE: must be at most"),
        ({"issuer": ISSUER, "interaction_lifetime": "1"}, "VARCO_INTERACTION_LIFETIME: must be at least 60"),
        ({"issuer": ISSUER, "body_limit": "0"}, "VARCO_BODY_LIMIT: must be at least 1024"),
        ({"issuer": ISSUER, "mail_from": "somebody"}, "VARCO_MAIL_FROM: must be one e-mail address"),
        ({"issuer": ISSUER, "mail_from": "a@b.example\r\nBcc: x@y.example"}, "VARCO_MAIL_FROM: must be one e-mail"),
        ({"issuer": ISSUER, "vendor": " "}, "VARCO_VENDOR: must be text that can be read"),
        ({"issuer": ISSUER, "trusted_proxies": "10.0.0.1/8"}, "VARCO_TRUSTED_PROXIES: 10.0.0.1/8 has host bits set"),
        ({"issuer": ISSUER, "port": "eighty"}, "VARCO_PORT: must be a whole number"),
        ({"issuer": ISSUER, "master_keys": "c2hvcnQ"}, "VARCO_MASTER_KEYS: each key must be 32 bytes"),
        ({"issuer": ISSUER, "workers": "2"}, "VARCO_WORKERS: more than one worker needs PostgreSQL"),
        ({"issuer": ISSUER, "access_log": "some"}, "VARCO_ACCESS_LOG: must be off, errors or all"),
        ({"issuer": ISSUER, "code_lifetime": "601"}, "VARCO_CODE_LIFETIME: must be at most 600"),
        ({"issuer": ISSUER, "access_token_lifetime": "3601"}, "VARCO_ACCESS_TOKEN_LIFETIME: must be at most 3600"),
        ({"issuer": ISSUER, "key_retirement": "10"}, "VARCO_KEY_RETIREMENT: must be at least"),
        ({"issuer": ISSUER, "smtp_url": "mail.example:25"}, "VARCO_SMTP_URL: must be smtp://"),
        ({"issuer": ISSUER, "master_keys": MASTER_KEY, "catalog": "/nowhere.toml"}, "/nowhere.toml: "),
        ({"issuer": ISSUER}, "no master key"),
    ],
)
def test_a_wrong_setting_is_one_line_and_status_2(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    run = here("config", "--check", data_dir=str(tmp_path), **settings)
    assert run.returncode == 2, run.stderr
    assert run.stderr.startswith("varco: ")
    assert said in run.stderr
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("written", "issuer"),
    [
        ("HTTPS://Login.Example.org/", "https://login.example.org"),
        ("https://login.example.org:443", "https://login.example.org"),
        ("https://login.example.org:8443/", "https://login.example.org:8443"),
        ("http://[::1]:80", "http://[::1]"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_the_issuer_is_as_browsers_write_an_origin(written: str, issuer: str) -> None:
    """Else the Origin header of a form would not be ours, nor the issuer what clients compare with."""
    assert config.load({"VARCO_ISSUER": written}).issuer == issuer


@pytest.mark.parametrize("command", [("serve",), ("serve", "gate"), ("migrate",), ("keys", "rotate"), ("doctor",)])
def test_no_command_works_without_a_master_key(tmp_path: Path, command: tuple[str, ...]) -> None:
    run = varco(*command, issuer=ISSUER, data_dir=str(tmp_path))
    assert (run.returncode, run.stderr.count("\n")) == (2, 1), run.stderr
    assert run.stderr.startswith("varco: no master key: set VARCO_MASTER_KEYS, or run `varco keys master`")


def test_a_master_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "data"
    run = varco("keys", "master", data_dir=str(directory))
    assert run.returncode == 0, run.stderr
    path = directory / "master.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    before = path.read_text("ascii")
    assert len(base64.urlsafe_b64decode(before.strip() + "=")) == 32
    assert before.strip() not in run.stdout
    again = varco("keys", "master", data_dir=str(directory))
    assert again.returncode == 1
    assert "exists" in again.stderr
    assert path.read_text("ascii") == before
    assert config.master_keys(config.load({"VARCO_ISSUER": ISSUER, "VARCO_DATA_DIR": str(directory)}))


def test_a_printed_master_key_is_accepted_as_a_setting(tmp_path: Path) -> None:
    printed = varco("keys", "master", "--print").stdout.strip()
    assert varco("config", "--check", issuer=ISSUER, data_dir=str(tmp_path), master_keys=printed).returncode == 0
    assert not list(tmp_path.iterdir())


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    varco("keys", "master", data_dir=str(tmp_path))
    (tmp_path / "master.key").chmod(0o640)
    run = varco("serve", issuer=ISSUER, data_dir=str(tmp_path))
    assert run.returncode == 2
    assert "can be read by others; run: chmod 600" in run.stderr


def test_what_lacks_its_tables_says_what_to_run(engine: str, tmp_path: Path) -> None:
    with Databases(engine, tmp_path) as databases:
        settings = databases.settings | {"issuer": ISSUER, "data_dir": str(tmp_path), "master_keys": MASTER_KEY}
        for command in (("serve", "gate"), ("serve", "portal"), ("keys",)):
            run = varco(*command, port=str(free_port()), **settings)
            assert run.returncode == 1
            assert "run: varco migrate" in run.stderr
            assert "Traceback" not in run.stderr


def test_a_database_that_does_not_answer_is_one_line_without_its_password(tmp_path: Path) -> None:
    nowhere = f"postgresql://varco:hunter2hunter2@127.0.0.1:{free_port()}/platform"
    databases = {f"{alias}_database": nowhere for alias in ("platform", "clinic", "sandbox")}
    for command in (("serve",), ("migrate",), ("keys",)):
        run = varco(
            *command, issuer=ISSUER, data_dir=str(tmp_path), master_keys=MASTER_KEY, port=str(free_port()), **databases
        )
        assert run.returncode == 1
        assert run.stderr.startswith("varco: database")
        assert run.stderr.count("\n") == 1
        assert "hunter2" not in run.stderr


def test_migrating_twice_and_at_once_is_safe_and_what_it_makes_is_its_owner_s_alone(
    engine: str, tmp_path: Path
) -> None:
    data = tmp_path / "d"
    with Databases(engine, tmp_path) as databases:
        settings = databases.settings | {"issuer": ISSUER, "data_dir": str(data), "master_keys": MASTER_KEY}
        with ThreadPoolExecutor(2) as pool:
            runs = list(pool.map(lambda _: varco("migrate", **settings), range(2)))
        assert [run.returncode for run in runs] == [0, 0], [run.stderr for run in runs]
        again = varco("migrate", **settings)
        assert again.returncode == 0, again.stderr
    if engine == "sqlite":
        made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (data, *data.iterdir())}
        assert {f"{name}.sqlite3" for name in database_templates.NAMES} < set(made)
        assert {name: oct(mode) for name, mode in made.items() if mode & 0o077} == {}


def test_the_calendar_of_keys_is_kept_from_the_command_line(
    transactional_db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(("keys", *arguments))
        return (status, *capsys.readouterr())

    assert run("ensure")[1].count("made ") == 8
    before = _keys(run("list")[1])
    assert sorted(before["ES256"].values()) == ["active", "next"]
    assert run("rotate", "--alg", "ES256")[0] == 0
    assert "has its active and its next key" in run("ensure")[1]
    after = _keys(run()[1])
    assert sorted(after["ES256"].values()) == ["active", "next", "retiring"]
    assert after["RS256"] == before["RS256"]
    (active,) = [kid for kid, state in after["ES256"].items() if state == "active"]
    assert before["ES256"][active] == "next"
    assert run("revoke", active)[0] == 0
    last = _keys(run()[1])
    assert last["ES256"][active] == "revoked"
    assert sorted(last["ES256"].values()) == ["active", "next", "retiring", "revoked"]
    status, _, said = run("revoke", active)
    assert (status, said.count("\n")) == (1, 1)


def _keys(table: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for line in table.splitlines()[1:]:
        kid, alg, state = line.split()[:3]
        found.setdefault(alg, {})[kid] = state
    return found


def test_keys_sealed_under_another_master_key_stop_the_start(engine: str, tmp_path: Path) -> None:
    other = base64.urlsafe_b64encode(b"another master key of the tests!").decode()
    with Databases(engine, tmp_path, migrated=tmp_path) as databases:
        settings = databases.settings | {"issuer": ISSUER, "data_dir": str(tmp_path), "port": str(free_port())}
        varco("keys", "ensure", master_keys=MASTER_KEY, **settings)
        run = varco("serve", master_keys=other, **settings)
        assert run.returncode == 1
        assert "sealed under another master key" in run.stderr
        assert "✗ sealing" in varco("doctor", master_keys=other, **settings).stdout
        assert "✓ sealing" in varco("doctor", master_keys=f"{other},{MASTER_KEY}", **settings).stdout


def test_the_doctor_tells_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    settings = {"issuer": ISSUER, "data_dir": str(tmp_path / "d"), "master_keys": MASTER_KEY}
    (tmp_path / "d").mkdir(mode=0o755)
    file = tmp_path / "its settings.env"
    file.write_text("VARCO_VENDOR=Example\n")
    file.chmod(0o600)
    sick = varco("--env-file", str(file), "doctor", **settings)
    assert sick.returncode == 1
    assert f"run: varco --env-file '{file}' migrate" in sick.stdout, "a cure is pasted as it stands"
    assert list((tmp_path / "d").iterdir()) == [], "it makes no file"
    database_templates.copy_sqlite({name: tmp_path / f"d/{name}.sqlite3" for name in database_templates.NAMES})
    still = varco("doctor", **settings | {"smtp_url": f"smtp://127.0.0.1:{free_port()}"})
    assert still.returncode == 1
    assert "chmod 700" in still.stdout
    assert "mail server did not let us in" in still.stdout
    (tmp_path / "d").chmod(0o700)
    before = sorted((tmp_path / "d").iterdir())
    well = varco("doctor", **settings)
    assert [line[:8] for line in well.stdout.splitlines() if "✗" in line] == ["✗ people"], well.stdout
    assert "✓ keys        none yet: the first start makes them" in well.stdout
    assert sorted((tmp_path / "d").iterdir()) == before, "it makes no file"


def test_an_unknown_command_is_a_usage_error() -> None:
    run = varco("fly")
    assert run.returncode == 2
    assert "invalid choice: 'fly'" in run.stderr


def test_a_tour_of_a_server_that_is_not_there_fails_at_its_first_step() -> None:
    run = here("tour", "--url", f"http://localhost:{free_port()}", "--json")
    assert run.returncode == 1
    told = json.loads(run.stdout)
    assert told["ok"] is False
    assert len(told["steps"]) == 1
    assert "Connection refused" in told["steps"][0]["received"]
