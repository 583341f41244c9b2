"""`varco tour` against a real demo on the engine of the run, and against servers that are not as they must be."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import Databases, Server, here
from varco.ops.tour import accounts, totp
from varco.ops.tour.people import Person

pytestmark = pytest.mark.one_engine  # tests/journeys/test_first_story.py plays it on each


@pytest.fixture(scope="module")
def server(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("tour")
    with Databases(engine, directory, migrated=directory / "data") as databases:
        command = [
            "demo",
            "--data",
            str(directory / "data"),
            "--port",
            "PORT",
            "--manifest",
            str(directory / "manifest.json"),
        ]
        with Server(*command, log=directory / "log", **databases.settings) as demo:
            yield demo


def test_the_whole_story_is_as_it_must_be_and_no_secret_is_printed(server: Server) -> None:
    run = here("tour", "--url", f"http://localhost:{server.port}")
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("✓") == 25
    assert "✗" not in run.stdout
    assert "Dario withdraws it" in run.stdout
    assert "Marta ends the access; the very next call is refused" in run.stdout
    assert '"layer": "scope"' in run.stdout
    assert "varco-…" in run.stdout
    for start in ("varco-secret.", "vac.", "vrt."):
        shown = [word for word in run.stdout.split() if word.startswith(start)]
        assert all("…" in word and len(word) < 15 for word in shown), shown
    assert "eyJ" not in run.stdout


def test_the_manifest_alone_is_enough_to_play_it_again_and_it_is_told_as_json(server: Server) -> None:
    run = here("tour", "--manifest", str(Path(server._arguments[-1])), "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    told = json.loads(run.stdout)
    assert told["ok"] is True
    assert all(step["ok"] and step["facts"] for step in told["steps"])


def test_it_stops_at_the_first_step_that_is_wrong_and_says_what_it_expected(server: Server, tmp_path: Path) -> None:
    manifest = json.loads(Path(server._arguments[-1]).read_text("utf-8"))
    for account in manifest["accounts"]:
        if account["key"] == "operator":
            account["password"] = "not the right password"
    wrong = tmp_path / "manifest.json"
    wrong.write_text(json.dumps(manifest), "utf-8")
    run = here("tour", "--manifest", str(wrong))
    assert run.returncode == 1
    lines = [line for line in run.stdout.splitlines() if line[:1] in "✓✗" and line]
    assert [line[0] for line in lines] == [*"✓✓✓✓✓✓", "✗"]
    assert "expected: olga@varco.example to be signed in" in run.stdout
    assert "received: " in run.stdout
    assert "Stopped at step 7" in run.stdout


def test_a_file_that_is_no_manifest_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text("nonsense", "utf-8")
    for path in (tmp_path / "m.json", tmp_path / "missing.json"):
        run = here("tour", "--manifest", str(path))
        assert (run.returncode, run.stderr.count("\n")) == (1, 1)


PEOPLE = {
    part: {"email": accounts.of_demo(key).email, "password": accounts.of_demo(key).password}
    for part, key in accounts.PARTS.items()
}


def people_file(directory: Path, told: object, mode: int = 0o600) -> str:
    path = directory / "people.json"
    path.write_text(json.dumps(told), "utf-8")
    path.chmod(mode)
    return str(path)


def test_accounts_of_ones_own_play_with_passwords_from_variables_in_whatever_language_they_chose(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = f"http://localhost:{server.port}"
    for key in ("developer", "operator", "doctor_aurora"):
        person = Person(issuer, accounts.of_demo(key))
        home = person.sign_in()
        person.browser.submit(home, home.form(button="language=it"), button="language=it")
    told = {part: dict(given) for part, given in PEOPLE.items()}
    monkeypatch.setenv("TOUR_PERSON_PASSWORD", told["person"].pop("password"))
    run = here("tour", "--url", f"{issuer}/", "--people", people_file(tmp_path, told))
    assert run.returncode == 0, run.stdout + run.stderr
    assert "dario@aurora.example, of a clinic, signs in through it" in run.stdout
    assert "read: 5 in a list, and one by its id" in run.stdout, "real patients are not for a terminal"
    assert "Questa applicazione" in run.stdout, "the page at the end is in Italian"


@pytest.mark.parametrize(
    ("changes", "mode", "said"),
    [
        ({}, 0o644, "can be read by others, and holds passwords; run: chmod 600"),
        ({"person": {"email": "d@x.example"}}, 0o600, "TOUR_PERSON_PASSWORD, or in the file of --people"),
        ({"person": {"password": "x"}}, 0o600, "whose part is the person? Give --person EMAIL"),
        ({"person": PEOPLE["person"] | {"totp": "no key"}}, 0o600, '"totp" of person is no key'),
        ({"person": PEOPLE["person"] | {"passwort": "x"}}, 0o600, "must have for each of operator, developer, person"),
        ({"nobody": {}}, 0o600, "must have for each of operator, developer, person"),
    ],
)  # fmt: skip
def test_people_that_will_not_do_are_one_line(tmp_path: Path, changes: dict[str, object], mode: int, said: str) -> None:
    run = here("tour", "--people", people_file(tmp_path, PEOPLE | changes, mode))
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (1, "", 1)
    assert said in run.stderr


@pytest.mark.parametrize(("at", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_codes_are_those_of_rfc_6238(at: int, code: str) -> None:
    assert totp.code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at) == code
