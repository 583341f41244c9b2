"""Many people behind one address sign in at one moment, on a server with as many workers as its databases allow: all get in."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import urlsplit

import httpx

from tests.support.demo_server import Demo

CROWD = {"sqlite": 200, "postgres": 200}


def sign_in(page: httpx.Response, email: str, password: str, start: Barrier) -> tuple[int, str]:
    """Status and address of the answer to the password, sent from a browser of its own that has opened the page."""
    token = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = {"login": email, "password": password, "csrfmiddlewaretoken": token}
    with httpx.Client(cookies=page.cookies, timeout=60) as browser:
        start.wait(timeout=60)
        answer = browser.post(page.url, data=form)
        return answer.status_code, urlsplit(answer.headers.get("location", "")).path


def test_right_sign_ins_at_once_from_one_address_all_succeed(engine: str) -> None:
    demo = Demo(engine=engine, VARCO_WORKERS="2" if engine == "postgres" else "1").start()
    try:
        people: list[tuple[str, str]] = [(item["email"], item["password"]) for item in demo.manifest["accounts"]]
        start, page = Barrier(CROWD[engine]), httpx.get(f"{demo.issuer}/account/login/")
        with ThreadPoolExecutor(CROWD[engine]) as crowd:
            chosen = [people[number % len(people)] for number in range(CROWD[engine])]
            answers = list(crowd.map(lambda person: sign_in(page, person[0], person[1], start), chosen))
    finally:
        demo.stop()
    assert [answer for answer in answers if answer != (303, "/")] == []
