"""Django's settings, from the typed environment. There is one settings module for every deployment."""

import logging
from datetime import timedelta
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from ordinaut_site import env as environment
from ordinaut_site.embedded import locations
from ordinaut_site.single_sign_on.rules import Provider
from pipelines.tools import LlmSettings
from tasks_app import api_limits, mcp_servers, python_tools, rate_limits
from tasks_app.api import operations
from tasks_app.conf import Conf

ENV = environment.read()
BASE_DIR = environment.BASE_DIR

DATABASE_URL = ENV.database_url or locations.database_url(ENV.home)
REDIS_URL = ENV.redis_url or locations.redis_url(ENV.home)

DEBUG = False
SECRET_KEY = ENV.secret_key
ALLOWED_HOSTS = ENV.allowed_hosts
TRUSTED_PROXIES = ENV.trusted_proxies
ROOT_URLCONF = "ordinaut_site.urls"
ASGI_APPLICATION = "ordinaut_site.asgi.application"
LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_prometheus",
    "django_celery_beat",
    "django_filters",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "schedules.beat",
    "tasks_app",
    "plugins.observability",
    "ordinaut_site",
]

MIDDLEWARE = [
    "ordinaut_site.request_ids.RequestIdMiddleware",
    "ordinaut_site.callers.CallersMiddleware",
    "ordinaut_site.error_pages.ProblemMiddleware",
    "ordinaut_site.addresses.AddressMiddleware",
    "ordinaut_site.older_paths.OlderPathsMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "ordinaut_site.static_files.StaticFilesMiddleware",
    "ordinaut_site.content_policy.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ordinaut_site.single_sign_on.context.offered",
            ],
        },
    },
]


def _database(url: str, pool: int) -> dict[str, Any]:
    """Postgres only; no statement, lock or idle transaction without a limit."""
    config = environ.Env.db_url_config(url)
    if config["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must be a postgres:// URL: Ordinaut runs on Postgres 15 or newer.")
    options = config.setdefault("OPTIONS", {})
    options["connect_timeout"] = 3
    # A machine that is gone says nothing: the kernel alone would wait for it for a quarter of an hour, or for ever.
    options |= {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000}
    options["application_name"] = "ordinaut"
    options["options"] = (
        "-c statement_timeout=5s -c lock_timeout=2s -c idle_in_transaction_session_timeout=30s -c timezone=UTC"
    )
    if pool:
        options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 5}
    # A pool keeps its own connections; without one a thread keeps its connection and checks it before use.
    config["CONN_MAX_AGE"] = 0 if pool else None
    config["CONN_HEALTH_CHECKS"] = True
    return dict(config)


DATABASES = {"default": _database(DATABASE_URL, ENV.database_pool)}

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # assets come from the installed packages: nothing to collect

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SINGLE_SIGN_ON = (
    Provider(
        issuer=ENV.oidc_issuer,
        client_id=ENV.oidc_client_id,
        client_secret=ENV.oidc_client_secret,
        algorithm=ENV.oidc_algorithm,
        scopes=ENV.oidc_scopes,
        groups_claim=ENV.oidc_groups_claim,
        staff_groups=frozenset(ENV.oidc_staff_groups),
        superuser_groups=frozenset(ENV.oidc_superuser_groups),
    )
    if ENV.oidc_issuer
    else None
)
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "ordinaut_site.single_sign_on.backend.SingleSignOn",  # opens nothing while it is off
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

UNFOLD = {
    "SITE_TITLE": "Ordinaut",
    "SITE_HEADER": "Ordinaut",
    "SITE_SYMBOL": "event_repeat",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": f"{STATIC_URL}ordinaut/icon.svg"}],
    "LOGIN": {"form": "ordinaut_site.signing_in.LoginForm"},
    "SHOW_HISTORY": False,  # the audit is the one record of who changed what
    "STYLES": [f"{STATIC_URL}tasks_admin/admin.css"],
    "DASHBOARD_CALLBACK": "tasks_app.admin.dashboard.context",
    "SIDEBAR": {"show_search": True, "navigation": "tasks_app.admin.navigation.sections"},
}

SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
_HTTPS = ENV.public_url.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
# TLS ends at a proxy, which redirects http and says what it was asked by; the names below ours are not ours to decide about.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
CSRF_TRUSTED_ORIGINS = [ENV.public_url]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tasks_app.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tasks_app.api.permissions.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["tasks_app.api.throttles.OfAgents"],
    "DEFAULT_PARSER_CLASSES": ["tasks_app.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["tasks_app.api.json_renderer.FastJSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "tasks_app.api.schema.Operation",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "tasks_app.api.errors.to_response",
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": 0,  # see CallersMiddleware
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Ordinaut",
    "DESCRIPTION": "Tasks, their schedules, and what became of them.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVERS": [{"url": "/", "description": "Where this document was read."}],
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "TAGS": [{"name": name, "description": description} for name, description in operations.TAGS.items()],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "tasks_app.api.schema.answers_are_whole",
        "tasks_app.api.schema.anything_may_be_null",
    ],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_SUFFIX": "",
    "ENUM_NAME_OVERRIDES": {
        "TaskStatus": "tasks_app.states.TaskStatus",
        "TaskMode": "tasks_app.states.TaskMode",
        "RunStatus": "tasks_app.states.RunState",
        "StepStatus": "tasks_app.states.StepState",
        "BackfillOverlapPolicy": "tasks_app.services.backfill.POLICY_CHOICES",
        "OverlapPolicy": "tasks_app.states.OverlapPolicy",
        "AttemptOutcome": "tasks_app.states.AttemptOutcome",
        "InstantOutcome": "tasks_app.services.why.Outcome",
        "SkipReason": "tasks_app.states.SkipReason",
        "ToolApproval": "tasks_app.states.ToolApproval",
        "HookPreset": "tasks_app.states.HookPreset",
        "ToolHealth": "tasks_app.api.serializers.tool.HEALTH",
        "RetryFrom": "tasks_app.services.runs.START_POINTS",
    },
}

LOGGING_CONFIG = "ordinaut_site.logs.configure"
LOGGING = {"level": ENV.log_level, "as_json": ENV.log_json}
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # ours, by then: see RequestIdMiddleware
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = ""  # reading it would load the session, even where the database is not needed

# Celery starts the worker processes, watches over them, and carries users' periodic tasks: no work of the platform's own.
CELERY_BROKER_URL = locations.broker_url(REDIS_URL)
CELERY_BEAT_SCHEDULER = "schedules.beat.scheduler:DatabaseScheduler"
CELERY_TASK_DEFAULT_QUEUE = "ordinaut"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CONCURRENCY = ENV.worker_processes
CELERY_WORKER_SEND_TASK_EVENTS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CHANNEL_ERROR_RETRY = True  # else a Redis that has become a replica, or is full, ends every worker
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
CELERY_DB_REUSE_MAX = 10_000  # else the connection is closed around every Celery task
CELERY_TIMEZONE = "UTC"
CELERY_RESULT_EXPIRES = None  # there are no results: no nightly clean-up of them either
CELERY_BEAT_MAX_LOOP_INTERVAL = 1  # a changed PeriodicTask is live within two seconds

# The standing duties that every beat runs: dotted name, seconds between rounds, and the thread that several share, because each
# thread has a connection.
BEAT_DUTIES: dict[str, tuple[str, float] | tuple[str, float, str]] = {
    "tick": ("tasks_app.maintenance.tick.run_once", 1),
    "tick beside": ("tasks_app.maintenance.tick.run_once", 1),  # decides while the other waits for the database
    "watch": ("tasks_app.maintenance.watch.run_once", 1),
    "promote": ("tasks_app.maintenance.promote.run_once", 1),
    "let_in": ("tasks_app.maintenance.let_in.run_once", 1, "overlooked"),
    "tell": ("tasks_app.maintenance.tell.run_once", 1),
    "hear": ("tasks_app.maintenance.hear.run_once", 1, "overlooked"),
    "expire": ("tasks_app.maintenance.expire.run_once", 1, "overlooked"),
    "give_up": ("tasks_app.maintenance.give_up.run_once", 1, "overlooked"),
    "age": ("tasks_app.maintenance.age.run_once", 1, "in line"),
    "count_in": ("tasks_app.maintenance.count_in.run_once", 1, "in line"),
    "reap": ("tasks_app.maintenance.reap.run_once", 5),
    "sweep": ("tasks_app.maintenance.sweep.run_once", 5),
    "relay": ("tasks_app.maintenance.relay.run_once", 0.2),
    "webhooks wanted": ("tasks_app.webhooks.wanted.run_once", 0.5, "webhooks"),
    "webhooks": ("tasks_app.webhooks.deliver.run_once", 0.5, "webhooks"),
    "replan": ("tasks_app.maintenance.replan.run_once", 2),
    "refresh_calendars": ("tasks_app.maintenance.refresh_calendars.run_once", 60),
    "prune": ("tasks_app.maintenance.prune.run_once", 60),
    "note_rounds": ("tasks_app.maintenance.note_rounds.run_once", 5),
}
BEAT_DUTIES_THAT_PLAN = {
    "tick",
    "tick beside",
    "replan",
}  # they stand still while the clocks of host and database are far apart

_LLM = LlmSettings(
    url=ENV.llm_url,
    model=ENV.llm_model,
    key=ENV.llm_key,
    dollars_per_million_in=ENV.llm_dollars_per_million_in,
    dollars_per_million_out=ENV.llm_dollars_per_million_out,
)

ORDINAUT = Conf(
    default_timezone=ENV.default_timezone,
    public_url=ENV.public_url,
    min_cadence=timedelta(seconds=ENV.min_cadence_seconds),
    http_allow=tuple(ENV.http_allow),
    token_key=ENV.token_key,
    secrets_keys=tuple(ENV.secrets_keys),
    token_lifetime=timedelta(seconds=ENV.token_seconds),
    login_lifetime=timedelta(days=ENV.login_days),
    worker_threads=ENV.worker_threads,
    watch_threads=ENV.watch_threads,
    lease=timedelta(seconds=ENV.lease_seconds),
    heartbeat=timedelta(seconds=ENV.heartbeat_seconds),
    stuck=timedelta(seconds=ENV.stuck_seconds),
    poll=timedelta(seconds=ENV.poll_seconds),
    stop_grace=timedelta(seconds=ENV.stop_seconds),
    ageing=timedelta(seconds=ENV.ageing_seconds),
    retention=timedelta(days=ENV.retention_days),
    event_retention=timedelta(days=ENV.event_retention_days or ENV.retention_days),
    ledger_retention=timedelta(days=ENV.ledger_retention_days or ENV.retention_days),
    audit_retention=timedelta(days=ENV.audit_retention_days) if ENV.audit_retention_days else None,
    calendar_refresh=timedelta(seconds=ENV.calendar_refresh_seconds),
    breaker_percent=ENV.breaker_percent,
    breaker_calls=ENV.breaker_calls,
    breaker_cooldown=timedelta(seconds=ENV.breaker_seconds),
    breaker_patience=timedelta(seconds=ENV.breaker_patience_seconds),
    retry_percent=ENV.retry_percent,
    made_tasks_per_day=ENV.made_tasks_per_day,
    tasks_per_agent=ENV.tasks_per_agent,
    calendars_per_agent=ENV.calendars_per_agent,
    rate_limits=rate_limits.parse(ENV.rate_limits),
    api_limits=api_limits.parse(ENV.api_limits),
    python_tools=python_tools.parse(ENV.python_tools),
    llm=_LLM if ENV.llm_url else None,
    mcp_servers=mcp_servers.parse(ENV.mcp_servers),
    webhook_patience=timedelta(seconds=ENV.webhook_patience_seconds),
    streams=ENV.streams,
    streams_per_agent=ENV.streams_per_agent,
)
