"""Django's settings. Everything that differs between houses comes from the environment."""

from __future__ import annotations

import os
from typing import Any

from csp.constants import NONE, SELF

from cenotaph.workplace.keys import derived, new_key, read_key_file
from cenotaph.workplace.place import place_of

_PLACE = place_of()

KEY_FILE = _PLACE.key
DATA_FOLDER = _PLACE.data
DATABASES: dict[str, Any] = {"default": dict(_PLACE.database)}
SECRET_KEY = derived(read_key_file(KEY_FILE) if KEY_FILE.exists() else new_key(), "sessions and forms")

DEBUG = False
HTTPS = os.environ.get("CENOTAPH_HTTPS") == "1"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *os.environ.get("CENOTAPH_HOSTS", "").split()]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "axes",
    "django_htmx",
    "cenotaph.workplace.apps.WorkplaceConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cenotaph.workplace.pages.middleware.SessionLimits",
    "cenotaph.workplace.pages.middleware.TokenSignIn",
    "cenotaph.workplace.pages.middleware.RateLimit",
    "cenotaph.workplace.pages.middleware.Rights",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "cenotaph.workplace.pages.urls"
WSGI_APPLICATION = "cenotaph.workplace.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [os.path.join(os.path.dirname(__file__), "pages", "templates")],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "csp.context_processors.nonce",
                "cenotaph.workplace.pages.navigation.context",
            ],
            # `intcomma`: 2,742 bones; `moment`: 2018-07-27 09:05
            "builtins": ["django.contrib.humanize.templatetags.humanize", "cenotaph.workplace.pages.filters"],
        },
    }
]

# Who works here
AUTH_USER_MODEL = "workplace.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "full_name"]},
    },
]
LOGIN_URL = "sign_in"
AXES_USERNAME_FORM_FIELD = "name"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "cenotaph.workplace.pages.accounts.locked_out"

# How long a sign-in lasts
SESSION_IDLE_SECONDS = 30 * 60
SESSION_LIFE_SECONDS = 12 * 60 * 60
SESSION_COOKIE_AGE = SESSION_LIFE_SECONDS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "cenotaph.workplace.pages.errors.forged"
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Nothing from elsewhere, nothing inline
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# What a request may carry, and how often one may ask
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
REQUESTS_PER_MINUTE = 600
SIGN_INS_PER_MINUTE = 20

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ko", "한국어")]
LOCALE_PATHS = [os.path.join(os.path.dirname(__file__), "locale")]
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = ["staticfiles.W004"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Messages name the place of a fault, never a cell: logs leave the house more easily than the database.
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"axes": {"level": "ERROR"}, "django.security.DisallowedHost": {"level": "CRITICAL"}},
}
