"""Django's settings, all derived from `varco.config`; nothing is decided here that a person running Varco decides."""

from pathlib import Path

from varco import config, databases, sealing
from varco.accounts import browser_session

VARCO = config.load()
MASTER_KEYS = config.master_keys(VARCO)
_HERE = Path(__file__).parent

SECRET_KEY = sealing.derive(MASTER_KEYS[0], "django").hex()
SECRET_KEY_FALLBACKS = [sealing.derive(key, "django").hex() for key in MASTER_KEYS[1:]]
DEBUG = False
# Links and the issuer come from VARCO.issuer, never from a Host header, so the header need not be restricted here.
ALLOWED_HOSTS = ["*"]
USE_X_FORWARDED_HOST = False

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "varco.accounts",
    "varco.tenants",
    "varco.registry",
    "varco.grants",
    "varco.signals",
    "varco.keys",
    "varco.integrators",
    "varco.audit",
    "varco.mail",
    "varco.upkeep",
    "varco.usage",
    "varco.people",
    "varco.clinical",
    "varco.changes",
    "varco.status",
    "varco.tickets",
    "varco.portal",
]
MIDDLEWARE = [
    "varco.management.middleware.answer",
    "varco.portal.middleware.request_context",
    "varco.portal.middleware.security_headers",
    "varco.portal.middleware.see_other_after_a_form",
    "varco.portal.assets.serve",
    "varco.portal.session_store.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "varco.portal.session_store.AuthenticationMiddleware",
    "varco.portal.middleware.user_language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "varco.portal.account.known_devices.remember",
    "varco.portal.account.unfinished_sign_in.end_with_sessions",
    "varco.portal.account.second_step.enforce",
    "varco.portal.middleware.session_activity",
    "varco.portal.errors.explain_method",
]
MANAGEMENT_WORDS = "varco.portal.management_words.WORDS"  # what the management API borrows from the pages
ROOT_URLCONF = "varco.portal.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_HERE / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "varco.portal.context.portal",
            ],
            "builtins": ["varco.portal.templatetags.ui", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
DATABASES = databases.django_databases(VARCO)
DATABASE_ROUTERS = ["varco.databases.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Rate limits of the account pages stand here. Django's default of 300 entries would let anybody push them out by filling it.
CACHES = {
    "default": {
        "BACKEND": "varco.portal.cache.LockingCache",
        "LOCATION": "portal_cache",
        "KEY_FUNCTION": "varco.portal.cache.stored_key",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [browser_session.BACKEND]
PASSWORD_HASHERS = ["varco.accounts.hashers.PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "varco.portal.account.passwords.LengthValidator"},
    {"NAME": "varco.portal.account.passwords.BlocklistValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "varco.portal.account.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if VARCO.https else "http"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to strangers because somebody typed their address
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = 64  # one place (RFC 4291 §2.5.4), as the gate counts (varco.addresses)
# A whole clinic signs in from one address on a Monday morning, and strangers keep nobody out: varco.portal.account.limits counts.
ACCOUNT_RATE_LIMITS = dict.fromkeys(("login", "login_failed", "reauthenticate", "reset_password", "change_password"))
ACCOUNT_FORMS = {
    "login": "varco.portal.account.forms.LoginForm",
    "reauthenticate": "varco.portal.account.forms.ReauthenticateForm",
    "reset_password": "varco.portal.account.forms.ResetPasswordForm",
    "reset_password_from_key": "varco.portal.account.forms.ResetPasswordKeyForm",
    "change_password": "varco.portal.account.forms.ChangePasswordForm",
    "set_password": "varco.portal.account.forms.SetPasswordForm",
    "add_email": "varco.portal.account.forms.AddEmailForm",
}
USERSESSIONS_ADAPTER = "varco.portal.account.adapter.SessionsAdapter"
USERSESSIONS_TRACK_ACTIVITY = False  # varco.portal.middleware.session_activity does, without a write a page
MFA_ADAPTER = "varco.portal.account.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": None}  # as ACCOUNT_RATE_LIMITS: what fails is counted
MFA_TOTP_TOLERANCE = 1  # the code before and the one after: phones' clocks are seldom exact
# Every account has shown that it reads the mail of an address; another one that still waits keeps nobody from a second factor that
# their role demands, nor does a factor keep anybody from another address.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "varco.portal.account.forms.AuthenticateForm",
    "reauthenticate": "varco.portal.account.forms.SecondStepReauthenticateForm",
    "activate_totp": "varco.portal.account.forms.ActivateTOTPForm",
    "login_webauthn": "varco.portal.account.forms.LoginWebAuthnForm",
    "authenticate_webauthn": "varco.portal.account.forms.AuthenticateWebAuthnForm",
    "reauthenticate_webauthn": "varco.portal.account.forms.ReauthenticateWebAuthnForm",
    "add_webauthn": "varco.portal.account.forms.AddWebAuthnForm",
    "edit_webauthn": "varco.portal.account.forms.EditWebAuthnForm",
}
# Plain http is an issuer on loopback only (varco.config), where browsers allow passkeys too.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not VARCO.https

SESSION_ENGINE = "varco.portal.session_store"
SESSION_COOKIE_NAME = browser_session.session_cookie(https=VARCO.https)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = VARCO.https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_AGE = None  # until the browser closes
CSRF_COOKIE_NAME = "__Host-varco_csrf" if VARCO.https else "varco_csrf"
CSRF_TRUSTED_ORIGINS = [VARCO.issuer]
CSRF_FAILURE_VIEW = "varco.portal.errors.csrf_failure"
LANGUAGE_COOKIE_NAME = "varco_language"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("it", "Italiano")]  # each in its own words
FORMAT_MODULE_PATH = "varco.portal.formats"
LOCALE_PATHS = [_HERE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Rome"

STATIC_URL = "/static/"
STORAGES = {"staticfiles": {"BACKEND": "varco.portal.assets.HashedStorage"}}
EMAIL_BACKEND = "varco.mail.backend.OutboxBackend"
DEFAULT_FROM_EMAIL = VARCO.mail_from
SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING_CONFIG = None  # varco.ops.logs configures logging, for the gate and the portal alike
FORM_RENDERER = "varco.portal.form_renderer.Renderer"
