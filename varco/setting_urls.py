"""The forms that URLs of settings have, for `docs/configuration.md`; a test reads each with what reads the setting."""

from collections.abc import Iterator, Mapping

DATABASE, MAIL, STORE = "database", "mail server", "store of the rate limit"

FORMS: Mapping[str, tuple[tuple[str, str], ...]] = {
    DATABASE: (
        ("sqlite:////var/lib/varco/platform.sqlite3", "A file: four slashes, then its path. For one worker."),
        ("postgresql://varco:secret@db.example.org/platform", "A server, at port 5432. `postgres://` is the same."),
        ("postgresql://varco:secret@db.example.org:6432/platform", "With its port."),
        ("postgresql://varco:p%40ss%2Fword@db.example.org/platform", "The password is `p@ss/word`."),
        ("postgresql://varco:secret@[2001:db8::5]/platform", "An IPv6 address."),
        ("postgresql:///platform", "The socket in `/var/run/postgresql`, as the user of the operating system."),
        ("postgresql://varco@/platform?host=/run/pg&port=5433", "A socket in another directory."),
        ("postgresql://varco:secret@db1,db2:5433/platform?target_session_attrs=read-write", "The primary of two."),
        (
            "postgresql://varco:secret@db.example.org/platform?sslmode=require",
            "TLS; more in [PostgreSQL](operations.md#postgresql).",
        ),
    ),
    MAIL: (
        ("smtp://mail.example.org", "At port 587, with TLS where the server offers it (STARTTLS), without signing in."),
        ("smtp://localhost:25", "A mail server of this machine."),
        ("smtp://varco:secret@mail.example.org", "Signs in, and only with TLS, unless the server is this machine."),
        ("smtps://varco:secret@mail.example.org", "TLS from the start, at port 465."),
        ("smtps://varco:secret@mail.example.org:2465", "With its port."),
        (
            "smtps://varco%40example.org:p%40ss%2Fword@mail.example.org",
            "User `varco@example.org`, password `p@ss/word`.",
        ),
        ("smtp://[2001:db8::25]:587", "An IPv6 address."),
    ),
    STORE: (
        ("redis://cache.example.org", "At port 6379, without a password, database 0."),
        ("redis://varco:secret@cache.example.org:6380/1", "A user, a port and another database."),
        ("redis://:p%40ss%2Fword@cache.example.org", "The password of all users (`requirepass`), `p@ss/word`."),
        ("rediss://varco:secret@[2001:db8::6]:6379", "TLS, with the certificate of that address."),
        ("unix://varco:secret@/run/valkey/valkey.sock?db=1", "A socket."),
    ),
}
"""URLs, each with what it says, by what they are of."""


def markdown() -> Iterator[str]:
    """The lines of the section."""
    yield "## Forms of URLs"
    yield "In user, password and path, `@ : / ? # %` are written as `%40 %3A %2F %3F %23 %25`. What is not understood is refused at every start, and its parts are not shown."
    for kind, forms in FORMS.items():
        yield ""
        yield f"| {kind} | |"
        yield "|---|---|"
        yield from (f"| `{url}` | {text} |" for url, text in forms)
    yield ""
    yield "The certificate of a mail server is checked against the authorities of the system, on this machine too; a query (`?…`) has no meaning there."
