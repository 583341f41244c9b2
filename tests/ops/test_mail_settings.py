"""Who mails come from, and the URLs of databases and mail servers: what is read, and what is refused."""

from email.headerregistry import HeaderRegistry
from typing import Any

import pytest
from django.core.mail.message import sanitize_address

from varco import config, setting_forms, setting_urls

ISSUER = "https://login.example.org"
READERS = {
    setting_urls.DATABASE: setting_forms.database,
    setting_urls.MAIL: setting_forms.mail_server,
    setting_urls.STORE: setting_forms.rate_store,
}
HIDDEN = "hid.den"


def sender(**settings: str) -> str:
    named = {f"VARCO_{name.upper()}": value for name, value in settings.items()}
    return config.load({"VARCO_ISSUER": ISSUER} | named).mail_from


def travelled(mailbox: str) -> tuple[str, str]:
    """Name and address, as whoever gets the mail reads them in what Django sends."""
    sent = sanitize_address(mailbox, "utf-8")
    assert sent.isascii()
    header: Any = HeaderRegistry()("From", sent)
    (address,) = header.addresses
    assert header.defects == ()
    return address.display_name, address.addr_spec


@pytest.mark.parametrize(
    "vendor",
    [
        "GipoNext",
        "Centro, Aurora",
        "Studio S.r.l.",
        'Due "Città" e\\più',
        "Müller & Söhne",
        "日本",
        "a@b",
        "<x>",
        "Bcc: y@z.example",
    ],
)
def test_mail_comes_from_the_vendor_by_default_whatever_its_name(vendor: str) -> None:
    assert travelled(sender(vendor=vendor)) == (vendor, "no-reply@login.example.org")


def test_the_default_is_the_name_everybody_knows() -> None:
    assert sender() == "GipoNext <no-reply@login.example.org>"
    assert sender(issuer="http://[::1]:8000") == "GipoNext <no-reply@localhost>"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("no-reply@example.org", "no-reply@example.org"),
        ("<no-reply@example.org>", "no-reply@example.org"),
        ("Varco <no-reply@example.org>", "Varco <no-reply@example.org>"),
        ('"Centro, Aurora" <a.b+c@mail.example.org>', '"Centro, Aurora" <a.b+c@mail.example.org>'),
        ("Studio S.r.l. <a@example.org>", '"Studio S.r.l." <a@example.org>'),
        ("Città <a@example.org>", "Città <a@example.org>"),
        ("a@localhost", "a@localhost"),
    ],
)
def test_a_sender_may_have_a_name(value: str, read: str) -> None:
    assert sender(mail_from=value) == read
    assert sender(mail_from=read) == read
    travelled(read)


@pytest.mark.parametrize(
    "value",
    [
        "somebody", "a@b@example.org", "a@example.org, b@example.org", "Centro, Aurora <a@example.org>", "A: B <a@example.org>",
        "team: a@example.org;", '"Aurora <a@example.org>', "Aurora <x> <a@example.org>", "a@example.org <b@example.org>",
        "Aurora <a@example.org> junk", "Aurora <a@example.org>\r\nBcc: b@example.org", "a..b@example.org", "a b@example.org",
        "à@example.org", "a@città.example", "a@-example.org", "a@example..org", "a@[192.0.2.1]", f"{'a' * 65}@example.org",
        "=?utf-8?q?x=0D=0ABcc:y?= <a@example.org>", "a@example.org>",
    ],
)  # fmt: skip
def test_what_is_no_one_mailbox_is_refused(value: str) -> None:
    with pytest.raises(config.ConfigError, match=r"VARCO_MAIL_FROM: must be one e-mail address"):
        sender(mail_from=value)


@pytest.mark.parametrize(
    ("kind", "url"), [(kind, url) for kind, forms in setting_urls.FORMS.items() for url, _ in forms]
)
def test_every_documented_url_is_read(kind: str, url: str) -> None:
    assert READERS[kind](url) == url


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org", "http://mail.example.org", "smtp://", f"smtp://varco:{HIDDEN}#x@mail.example.org",
        f"smtp://varco:x#{HIDDEN}@mail.example.org", f"smtp://varco:x/{HIDDEN}@mail.example.org", "smtp://varco@mail.example.org",
        f"smtp://:{HIDDEN}@mail.example.org", "smtp://mail.example.org/inbox", "smtp://mail.example.org?tls=yes",
        "smtp://mail.example.org:0", "smtp://mail.example.org:70000", "smtp://mail.example.org:x", "smtp://[::1",
        "smtp://mail example.org", f"smtp://varco:[{HIDDEN}@mail.example.org",
    ],
)  # fmt: skip
def test_a_mail_server_that_is_not_understood_is_refused_and_its_password_not_shown(url: str) -> None:
    with pytest.raises(config.ConfigError, match="VARCO_SMTP_URL: must be smtp://") as refused:
        config.load({"VARCO_ISSUER": ISSUER, "VARCO_SMTP_URL": url})
    assert HIDDEN not in str(refused.value)
    assert refused.value.__suppress_context__
