"""The quick start runs as it stands on the page: sign-in by browser or device, down to the first page of patients."""

import re
import subprocess
from pathlib import Path
from typing import IO

import httpx
import pytest

from tests.support.demo_world import World
from tests.support.http_person import Page, Person
from tests.support.postgres import free_port

RUN = {
    "curl": ("sh", "sh"),
    "Python": ("py", "python3"),
    "JavaScript": ("mjs", "node"),
    "PHP": ("php", "php"),
    "Java": ("java", "java"),
}
"""But for C#, of which no compiler is to be had everywhere."""
COMPILED = {"web", "device"}
"""Those whose Java is compiled, which takes longer than all other programs together."""
FIRST = ["curl", "Python", "JavaScript"]
FURTHER = ["C#", "PHP", "Java"]


def samples(davide: Person, client: Page) -> dict[str, str]:
    first = davide.open(client.link("Quick start"))
    return {
        tab.get_text(): davide.open(f"{first.url}{tab['href']}").soup.select("#program pre")[0].get_text()
        for tab in first.soup.select("nav.tabs a")
    }


def shown(world: World, key: str) -> dict[str, str]:
    """The samples of an application: of its page, and those with its secret of the one that shows a new one."""
    with world.person("developer") as davide:
        davide.sign_in()
        page = davide.open(davide.open("/developer/applications/").link(re.escape(world.client(key)["name"])))
        found = samples(davide, page)
        if not key.startswith("web"):
            return found
        form = davide.open(f"{page.url}secrets/new/")
        page = davide.press(form, "create.*", label="quick start")
        filled = {
            part.select("summary")[0].get_text(): part.select("pre")[0].get_text()
            for part in page.soup.select("#quick-start details")
        }
        assert list(filled) == FIRST
        secret = re.search(r'CLIENT_SECRET = "(.+?)"', filled["Python"])
        assert secret
        # What the page says of the others: the secret in the place of what stands for it.
        return {
            title: filled.get(title, text.replace("YOUR_CLIENT_SECRET", secret[1])) for title, text in found.items()
        }


def run(luca: Person, directory: Path, title: str, text: str) -> str:
    """Save, run, do as a person what it says, and give back all that it printed."""
    ending, program = RUN[title]
    file = directory / f"hello.{ending}"
    file.write_text(text, "utf-8")
    with subprocess.Popen(
        [program, str(file)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=directory
    ) as program_run:
        assert program_run.stdout
        try:
            be_the_person(luca, program_run.stdout)
        except BaseException:
            program_run.kill()
            raise
        told = program_run.stdout.read()
    assert program_run.returncode == 0, told
    return told


def be_the_person(luca: Person, said: IO[str]) -> None:
    first = said.readline()
    if code := re.search(r"enter (\S+)", first):
        entered = luca.press(luca.open("/device"), "continue", user_code=code[1])
        luca.press(entered, "accept.*")
    else:
        callback = luca.authorize(said.readline().strip())
        assert httpx.get(callback).text == "You can close this window."


@pytest.mark.parametrize("key", ["web", "web_post", "native", "spa", "device"])
def test_the_samples_run_as_pasted_down_to_patients(world: World, tmp_path: Path, key: str) -> None:
    texts = shown(world, key)
    assert list(texts) == (FIRST if key == "spa" else FIRST + FURTHER)
    with world.person("manager_levante") as luca:
        luca.sign_in()
        for title, text in texts.items():
            assert "YOUR_CLIENT_SECRET" not in text
            if "oidc-client-ts" in text:  # a page, not a program
                assert "/patients" in text
                continue
            if title not in RUN or (title == "Java" and key not in COMPILED):
                continue
            own_port = (
                text.replace("8765", str(free_port())) if key == "native" else text
            )  # any will do (RFC 8252 §7.3)
            told = run(luca, tmp_path, title, own_port)
            assert "Poliambulatorio Levante" in told, told
            assert "giponext.patients" in told
            assert len(re.findall("^- " if title != "curl" else '"lastName"', told, re.MULTILINE)) == 5, told
