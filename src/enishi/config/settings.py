"""Django settings: secure by default, everything an installation may change comes from ``environment``."""

from importlib.metadata import version
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

from enishi.config.environment import Environment, origins_in, secret_key

env = Environment()
DATA_FOLDER = env.data_folder()
PACKAGE_FOLDER = Path(__file__).resolve().parent.parent

SECRET_KEY = env.text("SECRET_KEY") or secret_key(DATA_FOLDER)
DEBUG = env.flag("DEBUG")
ALLOWED_HOSTS = env.words("HOSTS", ("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.words("TRUSTED_ORIGINS")

# Behind TLS: the proxy ends it and says so in X-Forwarded-Proto.
BEHIND_TLS = env.flag("TLS")
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 12
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        # A sign-in form of ours leads on to the town's own directory.
        "form-action": [SELF, *origins_in(env.table("SIGN_IN"))],
    }
}

INSTALLED_APPS = [
    # Rooms, top to bottom.
    "enishi.config",
    "enishi.portal",
    "enishi.projects",
    "enishi.agreements",
    "enishi.desk",
    "enishi.exchange",
    "enishi.evaluation",
    "enishi.plans",
    "enishi.budgets",
    "enishi.indicators",
    "enishi.knowledge",
    "enishi.notifications",
    "enishi.audit",
    "enishi.organizations",
    "enishi.accounts",
    "enishi.foundation",
    # Libraries.
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "allauth.usersessions",
    "ninja",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "enishi.accounts.middleware.OwnLanguageMiddleware",
    "enishi.accounts.middleware.DirectoryAwayMiddleware",
    "enishi.foundation.errors.ButtonAddressMiddleware",
]

ROOT_URLCONF = "enishi.config.urls"
WSGI_APPLICATION = "enishi.config.wsgi.application"
WARM_UP = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "enishi.foundation.templatetags.enishi",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "enishi.foundation.ui.frame",
            ],
        },
    }
]
COTTON_DIR = "cotton"
# A component sees its attributes and the context processors, never the page around it by accident.
COTTON_ISOLATE_BY_DEFAULT = True
FORM_RENDERER = "enishi.foundation.forms.EnishiRenderer"

# --- Database: embedded SQLite in WAL mode, or PostgreSQL by one setting -------------------------
DATABASE_URL = env.text("DATABASE_URL")
if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
    # Search asks many short questions: compiling them costs more than answering, and large sets of hits stay in memory.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off -c work_mem=32MB")
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(DATA_FOLDER / "enishi.sqlite3"),
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                # Writers queue for the lock at BEGIN instead of failing half-way through.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                    "PRAGMA mmap_size=268435456; PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;"
                ),
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People and sign-in ---------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "enishi.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_FORMS = {"login": "enishi.accounts.entrance.SignInForm"}
ACCOUNT_SIGNUP_FORM_CLASS = "enishi.accounts.forms.NameForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "【縁】"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if BEHIND_TLS else "http"
# Five wrong passwords close an account for a quarter of an hour; thirty tries close a machine for a minute.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "20/m/ip,5/15m/key",
    "signup": "20/h/ip",
    "reset_password": "20/h/ip,5/h/key",
}
# How often one caller may ask what anybody may read; a measurement from one address switches it off.
LIMITS = env.flag("LIMITS", default=True)
WEB_WORKERS = env.number("WEB_WORKERS", 1)
# Behind TLS one proxy of ours says where a request came from; without it nobody is believed.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_TLS else 0
# Anybody may make an account and read what is public; an invitation always opens the door.
OPEN_SIGN_UP = env.flag("OPEN_SIGN_UP", default=True)
# Whose house this is: a 全国地方公共団体コード or a name; without it, the first public body with an administrator.
MUNICIPALITY = env.text("MUNICIPALITY")
MFA_TOTP_ISSUER = "縁 Enishi"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
SOCIALACCOUNT_PROVIDERS = env.table("SIGN_IN")
SOCIALACCOUNT_ADAPTER = "enishi.accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "mandatory"
USERSESSIONS_TRACK_ACTIVITY = False

# --- Words, time, files ---------------------------------------------------------------------------
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [PACKAGE_FOLDER / "locale"]
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = DATA_FOLDER / "static"
MEDIA_ROOT = DATA_FOLDER / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
FILE_UPLOAD_PERMISSIONS = 0o600
UPLOAD_MAX_BYTES = env.number("UPLOAD_MAX_MB", 50) * 1024 * 1024

# --- Mail: files in the data folder until an SMTP server is named ---------------------------------
EMAIL_HOST = env.text("SMTP_HOST")
EMAIL_PORT = env.number("SMTP_PORT", 25)
EMAIL_HOST_USER = env.text("SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("SMTP_PASSWORD")
EMAIL_USE_TLS = env.flag("SMTP_TLS")
EMAIL_TIMEOUT = 10
EMAIL_FILE_PATH = DATA_FOLDER / "mail"
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "enishi@localhost")
SITE_ADDRESS = env.text("ADDRESS", "http://localhost:8000")

# --- Work in the background ------------------------------------------------------------------------
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "enishi_cache"},
    # Counts of what is sent: over all processes and machines.
    "shared_limits": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "enishi_limits",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    # Rankings against the whole index: files, so that showing one writes nothing to the database.
    "rankings": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(DATA_FOLDER / "index" / "rankings"),
        "KEY_PREFIX": version("enishi"),
        "TIMEOUT": 3_600,
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
    # Counts of reading: kept in each web process, so that reading a public page writes nothing.
    "limits": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "limits",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
}

# --- Language: the local model ----------------------------------------------------------------------
MODEL_FOLDER = DATA_FOLDER / "model"
# A folder with a font of one's own (its family must be called Noto Serif JP, or FONT_FAMILY says how).
FONT_FOLDER = env.text("FONTS")
FONT_FAMILY = env.text("FONT_FAMILY", "Noto Serif JP")
MODEL_THREADS = env.number("MODEL_THREADS", 2)

# --- Outside language services: none until an address is set; one switch forbids them all -------------
GENERATOR_URL = env.text("GENERATOR_URL")
GENERATOR_MODEL = env.text("GENERATOR_MODEL", "default")
GENERATOR_KEY = env.text("GENERATOR_KEY")
GENERATOR_KEY_HEADER = env.text("GENERATOR_KEY_HEADER", "Authorization")
GENERATOR_QUERY = env.text("GENERATOR_QUERY")
GENERATOR_TIMEOUT = env.number("GENERATOR_TIMEOUT", 30)
RERANKER_URL = env.text("RERANKER_URL")
RERANKER_MODEL = env.text("RERANKER_MODEL", "default")
RERANKER_KEY = env.text("RERANKER_KEY")
# A sentence model behind an address, for documents: its vectors take the place of the bundled model's once all are read.
EMBEDDER_URL = env.text("EMBEDDER_URL")
EMBEDDER_MODEL = env.text("EMBEDDER_MODEL", "default")
EMBEDDER_KEY = env.text("EMBEDDER_KEY")
EMBEDDER_DIMENSIONS = env.number("EMBEDDER_DIMENSIONS", 1024)
EMBEDDER_QUERY_PREFIX = env.text("EMBEDDER_QUERY_PREFIX")
EMBEDDER_PASSAGE_PREFIX = env.text("EMBEDDER_PASSAGE_PREFIX")
OUTBOUND = env.flag("OUTBOUND", default=bool(GENERATOR_URL or RERANKER_URL or EMBEDDER_URL))
# What an organisation may use in a month unless it has a limit of its own, and yen a million tokens cost.
MODEL_TOKENS_A_MONTH = env.number("MODEL_TOKENS_A_MONTH", 2_000_000)
MODEL_YEN_PROMPT = env.number("MODEL_YEN_PROMPT", 0)
MODEL_YEN_COMPLETION = env.number("MODEL_YEN_COMPLETION", 0)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "enishi.foundation.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
}
