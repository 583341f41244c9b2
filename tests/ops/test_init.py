"""`varco init`: what is asked, and what is written. `test_deploy.py` goes on from there."""

import configparser
import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from varco import config
from varco.ops import cli, environment_file

ANSWERS = ("--issuer", "https://login.example.org", "--operator", "olga@example.org", "--unattended")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command puts into the environment of this process goes again."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    for name in [name for name in os.environ if name.startswith("VARCO_")]:
        del os.environ[name]


def run(*arguments: str) -> int:
    mask = os.umask(0o077)
    try:
        return cli.main(arguments)
    finally:
        os.umask(mask)


def written(path: Path) -> dict[str, str]:
    """The settings of a file, as `--env-file` reads them."""
    environment_file.load(path)
    return {name: value for name, value in os.environ.items() if name.startswith("VARCO_")}


def test_everything_is_its_owners_and_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = tmp_path / "made"
    assert run("init", str(directory), *ANSWERS, "--vendor", 'Mio "Prodotto" $5 `x` \\ %h è') == 0
    assert [stat.S_IMODE(path.stat().st_mode) for path in (directory, directory / "data")] == [0o700, 0o700]
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir() if path.is_file()} == {
        "varco.env": 0o600, "varco.service": 0o600, "nginx.conf": 0o600,
    }  # fmt: skip
    settings = config.load(written(directory / "varco.env"))
    assert (settings.issuer, settings.vendor) == ("https://login.example.org", 'Mio "Prodotto" $5 `x` \\ %h è')
    assert len(config.master_keys(settings)) == 1
    assert run("config", "--check") == 0
    told = capsys.readouterr().out
    assert "account create olga@example.org --role operator --print-link" in told
    assert os.environ["VARCO_MASTER_KEYS"] not in told


def test_a_shell_reads_the_file_as_the_command_does(tmp_path: Path) -> None:
    run("init", str(tmp_path / "made"), *ANSWERS, "--vendor", "a $HOME `id` \\ \"b\" 'c' #d")
    script = 'set -a; . "$1"; printf %s "$VARCO_VENDOR"'
    shell = subprocess.run(
        ["sh", "-c", script, "sh", str(tmp_path / "made/varco.env")], capture_output=True, text=True, check=True
    )
    assert shell.stdout == "a $HOME `id` \\ \"b\" 'c' #d" == written(tmp_path / "made/varco.env")["VARCO_VENDOR"]


def test_the_unit_and_the_site_name_what_was_answered(tmp_path: Path) -> None:
    where = tmp_path / "50% off"
    databases = [
        text for alias in ("platform", "clinic", "sandbox")
        for text in (f"--{alias}-database", f"postgresql://varco:p%20w@db.example/{alias}")
    ]  # fmt: skip
    assert run("init", str(where), *ANSWERS, "--storage", "postgresql", *databases, "--port", "8100") == 0
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign] # the names of systemd have capitals
    unit.read(where / "varco.service")
    service = dict(unit["Service"])
    assert service["EnvironmentFile"] == f"{tmp_path}/50%% off/varco.env"
    assert service["ReadWritePaths"] == f'"{tmp_path}/50%% off/data"'
    assert service["ExecStart"].endswith("varco serve")
    assert "postgresql.service" in unit["Unit"]["After"]
    assert service["ProtectSystem"] == "strict"
    assert written(where / "varco.env")["VARCO_CLINIC_DATABASE"] == "postgresql://varco:p%20w@db.example/clinic"
    site = (where / "nginx.conf").read_text("utf-8")
    assert "server_name login.example.org;" in site
    assert site.count("server 127.0.0.1:8100 ") == 2, "one process answers for both"


def test_gate_and_portal_apart_have_units_of_their_own(tmp_path: Path) -> None:
    databases = [
        text for alias in ("platform", "clinic", "sandbox")
        for text in (f"--{alias}-database", f"postgresql://varco@db.example/{alias}")
    ]  # fmt: skip
    where = tmp_path / "made"
    assert run("init", str(where), *ANSWERS, "--storage", "postgresql", *databases, "--port", "8100", "--apart") == 0
    assert {path.name for path in where.iterdir()} == {
        "varco.env", "varco-gate@.service", "varco-portal@.service", "varco-worker@.service", "nginx.conf", "data",
    }  # fmt: skip
    assert "VARCO_RATE_LIMIT_SHARES=2\n" in (where / "varco.env").read_text("utf-8")
    assert "VARCO_PORT=%i" in (where / "varco-portal@.service").read_text("utf-8")
    assert re.search(r"^ExecStart=\S+ worker$", (where / "varco-worker@.service").read_text("utf-8"), re.MULTILINE)
    found = re.findall(r"server 127\.0\.0\.1:(\d+) ", (where / "nginx.conf").read_text("utf-8"))
    assert found == ["8101", "8102", "8111", "8112"]


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("init", str(tmp_path / "made"), *ANSWERS, "--key-file") == 0
    files = {path: path.read_bytes() for path in (tmp_path / "made").rglob("*") if path.is_file()}
    assert tmp_path / "made/data/master.key" in files
    for again in (tmp_path / "made", tmp_path / "other"):  # the second has the same data directory
        assert run("init", str(again), *ANSWERS, "--key-file", "--data-dir", str(tmp_path / "made/data")) == 1
        assert "exists" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in (tmp_path / "made").rglob("*") if path.is_file()} == files
    assert [path for path in (tmp_path / "other").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--operator", "o@x.example"), "--issuer is needed"),
        (("--issuer", "https://x.example"), "--operator is needed"),
        (("--issuer", "http://x.example", "--operator", "o@x.example"), "--issuer: must be https://"),
        (("--issuer", "https://x.example", "--operator", "nobody"), "--operator: must be an e-mail address"),
        (("--issuer", "https://x.example", "--operator", "o@x.example", "--smtp-url", "mail"), "--smtp-url: must be smtp"),
        (("--issuer", "https://x.example", "--operator", "o@x.example", "--trusted-proxies", "x"), "--trusted-proxies: "),
        (("--issuer", "https://x.example", "--operator", "o@x.example", "--storage", "postgresql"), "--platform-database is"),
        (("--issuer", "https://x.example", "--operator", "o@x.example", "--apart"), "--apart: two gates and two portals need"),
        (("--issuer", "https://x.example", "--operator", "o@x.example", "--user", "nobody-of-that-name"), "useradd"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_one_line_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    assert run("init", str(tmp_path / "made"), "--unattended", *options) == 1
    told = capsys.readouterr()
    assert said in told.err
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert not (tmp_path / "made").exists()


def test_what_is_asked_is_asked_again_where_the_answer_will_not_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = iter(["", "http://x.example", "https://x.example", "none", "", "", "Prodotto", "olga", "olga@x.example"])
    asked: list[str] = []

    def answer(text: str) -> str:
        asked.append(text)
        return next(given)

    monkeypatch.setattr("builtins.input", answer)
    assert run("init", str(tmp_path / "made")) == 0
    assert "must be https://" in capsys.readouterr().out
    assert len(asked) == 9
    settings = config.load(written(tmp_path / "made/varco.env"))
    assert (settings.issuer, settings.trusted_proxies, settings.smtp_url) == ("https://x.example", (), "")
    assert not (tmp_path / "made/nginx.conf").exists(), "there is no proxy"


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        ("VARCO_ISSUER=https://x.example\n", 0o644, "run: chmod 600"),
        ("VARCO_ISSUER=https://x.example\nPATH=/tmp\n", 0o600, ':2: must be a line VARCO_NAME="value"'),
        ("VARCO_VENDOR=$(id)\n", 0o600, ":1: must be a line"),
        ('VARCO_VENDOR="a\n', 0o600, ":1: must be a line"),
    ],
)
def test_a_file_of_settings_that_will_not_do_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, mode: int, said: str
) -> None:
    file = tmp_path / "varco.env"
    file.write_text(content)
    file.chmod(mode)
    assert run("--env-file", str(file), "config", "--check") == 2
    assert said in capsys.readouterr().err
    assert run("--env-file", str(tmp_path / "none.env"), "config", "--check") == 2
    assert "No such file or directory" in capsys.readouterr().err


def test_the_environment_wins_over_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("init", str(tmp_path / "made"), *ANSWERS)
    os.environ["VARCO_PORT"] = "8123"
    capsys.readouterr()
    assert run("--env-file", str(tmp_path / "made/varco.env"), "config") == 0
    assert "VARCO_PORT=8123\n" in capsys.readouterr().out


def test_what_is_a_secret_may_come_from_its_variable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.environ["VARCO_SMTP_URL"] = "smtps://varco:hunter2@mail.example"
    assert run("init", str(tmp_path / "made"), *ANSWERS) == 0
    told = capsys.readouterr().out
    assert "hunter2" not in told
    assert "--print-link" not in told, "a mail goes"
    assert "VARCO_SMTP_URL=smtps://varco:hunter2@mail.example\n" in (tmp_path / "made/varco.env").read_text()
    os.environ["VARCO_SMTP_URL"] = "mail.example"
    assert run("init", str(tmp_path / "other"), *ANSWERS) == 1
    assert "VARCO_SMTP_URL: must be smtp" in capsys.readouterr().err
