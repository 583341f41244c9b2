"""The settings themselves, one field each, with type, default and meaning; `varco.config` reads them from the environment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from varco import setting_forms as forms
from varco.setting_forms import Network


def _setting(parse: Callable[[str], Any], default: Any, text: str, *, secret: bool = False, unit: str = "") -> Any:
    return field(
        default=default, metadata={"parse": parse, "help": text, "secret": secret, "unit": unit}, repr=not secret
    )


VENDOR = "GipoNext"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One immutable set of settings; field `issuer` is the variable `VARCO_ISSUER`, and so on."""

    issuer: str = _setting(
        forms.origin,
        "",
        "Required. Public origin of the authorization server and portal. Every link and the `iss` of every token come from it, never from a request.",
    )
    api_url: str = _setting(
        forms.origin, "", "Public origin of the API; the audience of access tokens. The issuer if empty."
    )
    data_dir: Path = _setting(
        forms.path, Path("data"), "Directory of the embedded SQLite databases and of the master key file."
    )
    platform_database: str = _setting(
        forms.database,
        "",
        "Database of accounts, registry, grants and audit: its [URL](#forms-of-urls). A SQLite file in the data directory if empty.",
        secret=True,
    )
    clinic_database: str = _setting(
        forms.database,
        "",
        "Database of production clinic data: its [URL](#forms-of-urls). A SQLite file in the data directory if empty.",
        secret=True,
    )
    sandbox_database: str = _setting(
        forms.database,
        "",
        "Database of sandbox clinic data: its [URL](#forms-of-urls). A SQLite file in the data directory if empty.",
        secret=True,
    )
    database_connections: int = _setting(
        forms.integer,
        10,
        "Most connections of one worker's gate to each PostgreSQL database; besides them it has three for searches and lists.",
    )
    database_pooling: str = _setting(
        forms.pooling,
        "auto",
        "How the gate uses its connections to PostgreSQL: `session` keeps statements prepared (directly, or through a pooler in session mode), `transaction` is for a pooler in transaction mode, `auto` finds out whether a pooler stands between and takes it for one in transaction mode.",
    )
    master_keys: tuple[bytes, ...] = _setting(
        forms.key_list,
        (),
        "Master keys, base64url of 32 bytes each, comma-separated: the first encrypts, all decrypt. If empty, they are read from `master.key` in the data directory, which must be readable by its owner only.",
        secret=True,
    )
    host: str = _setting(forms.text, "127.0.0.1", "Address to listen on.")
    port: int = _setting(forms.integer, 8000, "Port to listen on.")
    workers: int = _setting(forms.integer, 1, "Worker processes. More than one needs PostgreSQL.")
    drain: int = _setting(
        forms.integer,
        5,
        "How long a server that is told to stop (SIGTERM) goes on taking connections while `/readyz` says 503, so that proxies send their requests elsewhere. 0 where no other server stands behind the proxy.",
        unit="seconds",
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        forms.networks,
        (),
        "Networks (CIDR, comma-separated) whose `X-Forwarded-For` is believed. From anywhere else it is ignored.",
    )
    code_lifetime: int = _setting(forms.integer, 60, "Lifetime of an authorization code.", unit="seconds")
    access_token_lifetime: int = _setting(forms.integer, 600, "Lifetime of an access token.", unit="seconds")
    access_token_alg: str = _setting(
        forms.signature,
        "ES256",
        "What access tokens are signed with: ES256, which is small and quick, RS256, PS256 or EdDSA, for resource servers that know no other. FAPI 2.0 applications get ES256 where this says RS256.",
    )
    id_token_lifetime: int = _setting(forms.integer, 600, "Lifetime of an ID token.", unit="seconds")
    refresh_idle: int = _setting(
        forms.integer, 30 * 86400, "A refresh token unused for this long ends its grant.", unit="seconds"
    )
    refresh_absolute: int = _setting(
        forms.integer,
        365 * 86400,
        "A grant with offline access ends this long after consent, used or not.",
        unit="seconds",
    )
    refresh_retry_window: int = _setting(
        forms.integer,
        60,
        "The predecessor of an unused refresh token answers with the same successor for this long.",
        unit="seconds",
    )
    interaction_lifetime: int = _setting(
        forms.integer, 1800, "How long a person may take to sign in and answer the consent page.", unit="seconds"
    )
    rate_limit: int = _setting(
        forms.integer, 600, "Requests an application may make in one window, all its users together."
    )
    rate_limit_store: str = _setting(
        forms.rate_store,
        "",
        "Valkey or Redis through which all workers of all machines count together: `redis://user:password@host:port/0`, `rediss://…` (TLS; `?ssl_ca_certs=/path` for an authority of your own) or `unix:///path?db=0`: see [below](#forms-of-urls). If empty, or while it is away, each worker allows its share of VARCO_RATE_LIMIT.",
        secret=True,
    )
    rate_limit_shares: int = _setting(
        forms.integer,
        1,
        "How many servers like this one answer programs. The share of a worker is VARCO_RATE_LIMIT divided by VARCO_WORKERS and by this, and at least 1.",
    )
    rate_window: int = _setting(forms.integer, 60, "Length of the rate-limit window.", unit="seconds")
    token_cache: int = _setting(
        forms.integer,
        40,
        "Memory of each worker for what it remembers of access tokens: of 40, that of 100,000 and more the signature was right, and what the last 10,000 and more say.",
        unit="MiB",
    )
    body_limit: int = _setting(forms.integer, 262_144, "Largest request body the gate reads.", unit="bytes")
    password_hash_memory: int = _setting(
        forms.integer,
        19_456,
        "Memory that hashing one password takes (argon2id, one lane). With VARCO_PASSWORD_HASH_PASSES at least as costly as the least that OWASP advises.",
        unit="KiB",
    )
    password_hash_passes: int = _setting(
        forms.integer,
        2,
        "Passes over that memory. A password that was hashed at another cost is hashed anew when its person next signs in.",
    )
    password_hashes: int = _setting(forms.integer, 4, "Passwords that one worker hashes at once; others wait.")
    password_hash_queue: int = _setting(
        forms.integer,
        256,
        "Forms of the account pages that may wait in one worker for that; the next one is answered with 503.",
    )
    dpop_nonce: bool = _setting(
        forms.switch,
        default=False,
        text="Whether DPoP proofs must carry a nonce of this server (RFC 9449 §8): a proof made beforehand, or with a wrong clock, is then no good.",
    )
    vendor: str = _setting(forms.text, VENDOR, "Name of the clinic product, shown to people.")
    vendor_province: str = _setting(
        forms.province,
        "",
        "Where the vendor is, as the two letters of an Italian province (`MI`) or the name of one of its towns with a saint of its own (`Cesena`): the day of its patron saint is no business day for the [review desk](administration.md#the-review-desk). Empty: the holidays of Italy alone.",
    )
    catalog: str = _setting(
        forms.text, "", "Path of the catalogue (scopes, claims, permissions). The built-in `giponext.toml` if empty."
    )
    registration: bool = _setting(
        forms.switch,
        default=True,
        text="Whether anybody may register: it gives an account with a sandbox of its own, full of invented data, and nothing of any clinic. False: accounts come by invitation alone.",
    )
    terms_version: str = _setting(
        forms.label,
        "1",
        "Version of the terms that whoever registers accepts; it is kept with the account. Change it when the terms change.",
    )
    terms_url: str = _setting(
        forms.web_page, "", "Where these terms stand. If empty, a page of Varco's own at `/help/terms` has short ones."
    )
    second_factor_roles: tuple[str, ...] = _setting(
        forms.second_factor_roles,
        ("operator", "support", "manager", "developer", "integrator"),
        "Who must have a second factor to do anything: any of `operator`, `support`, `manager` (of a production clinic), `developer`, `integrator`, comma-separated, or `none`. The demo asks nobody unless it is set.",
    )
    step_up: int = _setting(
        forms.integer,
        900,
        "How long after a second factor was given (or, without one, the password) it need not be given again for secrets, decisions, exports and the like.",
        unit="seconds",
    )
    mail_from: str = _setting(
        forms.mail_address,
        "",
        "Sender of every mail: an address, with the name that people see before it. The vendor's name and `no-reply@` the issuer's host if empty.",
    )
    smtp_url: str = _setting(
        forms.mail_server,
        "",
        "Mail server, `smtp://user:password@host:port` or `smtps://…`: see [below](#forms-of-urls). If empty, mail waits in the outbox.",
        secret=True,
    )
    sandbox_policy: bool = _setting(
        forms.switch,
        default=True,
        text="Whether a development registration without a blocker among its findings is approved at once, by policy, for the sandboxes of its team and nowhere else. False: a person reads every registration; what was approved so far goes on.",
    )
    integrators_direct: bool = _setting(
        forms.switch,
        default=False,
        text="Whether the manager of a clinic makes and extends integrator users directly. If `false`, support grants what a manager asks for.",
    )
    integrator_idle_days: int = _setting(
        forms.integer,
        30,
        "An integrator user who does nothing for this long is warned, with the clinic's managers, and a week later their access ends.",
        unit="days",
    )
    recertification_days: int = _setting(
        forms.integer,
        90,
        "How often the manager of a clinic confirms each integrator user and each connected application. Unconfirmed, the one ends and the other is blocked for the clinic.",
        unit="days",
    )
    upkeep: bool = _setting(
        forms.switch,
        default=True,
        text="Whether `varco serve` and `varco serve portal` do the upkeep too: mail, notices, what is due at a date, the calendar of keys, sweeping. `false` where `varco worker` does it in processes of its own.",
    )
    metrics: str = _setting(
        forms.listener,
        "",
        "Address at which the supervising process answers Prometheus at `/metrics`, such as `127.0.0.1:9464`; nothing is counted if empty. It asks for no password: keep it where only Prometheus comes.",
    )
    log_level: str = _setting(forms.text, "INFO", "Least level that is logged: DEBUG, INFO, WARNING or ERROR.")
    log_format: str = _setting(
        forms.log_format,
        "json",
        "How a line of the log looks: `json`, an object for programs, or `text`, for people. Either is one line a record.",
    )
    access_log: str = _setting(
        forms.text,
        "errors",
        "Which requests are logged: `off`, `errors` (answered with 400 or above) or `all`. Never with their query.",
    )
    key_period: int = _setting(
        forms.integer,
        90 * 86400,
        "How long a signing key signs before the next one, published all that time, takes over.",
        unit="seconds",
    )
    key_retirement: int = _setting(
        forms.integer,
        30 * 86400,
        "How long a signing key stays published, and verifies, after it signed its last token.",
        unit="seconds",
    )
    attachment_limit: int = _setting(
        forms.integer,
        5 * 2**20,
        "Largest attachments of one message of a ticket, all files of it together.",
        unit="bytes",
    )
    attachment_types: tuple[str, ...] = _setting(
        forms.attachment_types,
        (),
        "Types of files that may be attached to a ticket, comma-separated: some of `pdf`, `png`, `jpeg`, `text`, `docx`, `xlsx`, `odt` and `zip`. All but `zip` if empty.",
    )
    ticket_reopen: int = _setting(
        forms.integer, 14 * 86400, "How long an answer opens a closed ticket again.", unit="seconds"
    )
    secret_days: int = _setting(
        forms.integer,
        0,
        "The longest life of a client_secret; 0 sets no bound. Developers choose within it, a year unless they change it. Secrets made before keep their end.",
        unit="days",
    )
    access_months: int = _setting(
        forms.integer,
        36,
        "How long access records are kept: who has seen and changed what of a clinic. What is older is removed, and the rest still proves itself.",
        unit="months",
    )
    event_months: int = _setting(
        forms.integer,
        120,
        "How long the other events of the audit are kept: sign-ins, reviews, consents, acts of operators.",
        unit="months",
    )
    demo: bool = _setting(
        forms.switch, default=False, text="Set by `varco demo` alone: demo accounts, `/demo/mailbox`, `/styleguide`."
    )

    @property
    def https(self) -> bool:
        """Whether the public face is https, which decides `Secure` cookies and HSTS."""
        return self.issuer.startswith("https://")

    @property
    def rate_share(self) -> int:
        """Requests an application may make of one worker in a window, where workers do not count together."""
        return max(1, self.rate_limit // (self.workers * self.rate_limit_shares))

    @property
    def attachable(self) -> tuple[str, ...]:
        """Types of files that may be attached to a ticket."""
        return self.attachment_types or tuple(name for name in forms.ATTACHMENT_TYPES if name != "zip")

    def database(self, alias: str) -> str:
        """URL of one of the databases `platform`, `clinic` and `sandbox`."""
        return str(getattr(self, f"{alias}_database")) or f"sqlite:///{self.data_dir / f'{alias}.sqlite3'}"
