"""Many people behind one address sign in at one moment, on a server with as many workers as its databases allow: all get in."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from threading import Barrier
from urllib.parse import urlencode, urlsplit

import httpx

from tests.support.demo_server import Demo

CROWD = 200
PATIENCE = 180  # seconds, on a machine that does something else beside


def sign_in(page: httpx.Response, email: str, password: str, start: Barrier) -> tuple[int, str]:
    """Status and address of the answer to the password, sent from a browser of its own that has opened the page."""
    token = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = urlencode({"login": email, "password": password, "csrfmiddlewaretoken": token})
    cookies = "; ".join(f"{name}={value}" for name, value in page.cookies.items())
    headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
    # Hundreds of httpx's clients cost more than the server.
    with closing(HTTPConnection(page.url.host, page.url.port, timeout=PATIENCE)) as browser:
        start.wait(timeout=PATIENCE)
        browser.request("POST", page.url.path, form, headers)
        answer = browser.getresponse()
        answer.read()
        return answer.status, urlsplit(answer.headers["Location"] or "").path


def test_right_sign_ins_at_once_from_one_address_all_succeed(engine: str) -> None:
    demo = Demo(engine=engine, VARCO_WORKERS="2" if engine == "postgres" else "1").start()
    try:
        people: list[tuple[str, str]] = [(item["email"], item["password"]) for item in demo.manifest["accounts"]]
        start, page = Barrier(CROWD), httpx.get(f"{demo.issuer}/account/login/")
        with ThreadPoolExecutor(CROWD) as crowd:
            chosen = [people[number % len(people)] for number in range(CROWD)]
            answers = list(crowd.map(lambda person: sign_in(page, person[0], person[1], start), chosen))
    finally:
        demo.stop()
    assert [answer for answer in answers if answer != (303, "/")] == []
