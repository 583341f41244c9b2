"""A second step by an authenticator app, over HTTP: setting it up, and signing in with it or with a recovery code."""

import re
import time
from dataclasses import dataclass, field

from allauth.mfa.totp.internal import auth as totp

from tests.support.http_person import Page, Person


@dataclass
class SecondStep:
    """The secret of somebody's app, and their recovery codes that were not used yet."""

    secret: str
    codes: list[str] = field(default_factory=list)

    def code(self, steps: int = 0) -> str:
        """What the app shows now, or so many half minutes later."""
        return str(totp.format_hotp_value(totp.hotp_value(self.secret, int(time.time()) // 30 + steps)))


def set_up(person: Person) -> SecondStep:
    """Sign somebody in and switch their second step on."""
    person.sign_in()
    page = person.open("/account/2fa/totp/activate/")
    found = re.search(r"secret=([A-Z2-7]+)", str(page.soup))
    assert found, page.text
    step = SecondStep(found[1])
    person.press(page, "switch it on", code=step.code())
    page = person.open("/account/2fa/recovery-codes/")
    step.codes = [code.get_text(strip=True) for code in page.soup.select("ul.codes code")]
    assert step.codes, page.text
    return step


def sign_in(person: Person, code: str) -> Page:
    """Sign in by password and code."""
    return person.press(person.sign_in(), "sign in", code=code)
