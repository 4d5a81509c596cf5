"""One Django for the whole process: its settings can be made once only, and a page and a test module want it."""

from __future__ import annotations

from types import ModuleType

import django
from django.apps import AppConfig
from django.conf import settings
from django.db import connection, models

__all__ = ["close", "create", "set_up"]


class Shop(AppConfig):
    path = "."  # an app that lies in no folder


def set_up() -> None:
    """Before the first model is defined; its `app_label` is "shop"."""
    if settings.configured:
        return
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[Shop("shop", ModuleType("shop"))],
        LOGGING_CONFIG=None,  # the rest of the process keeps its own
        USE_TZ=True,
    )
    django.setup()


def create(*kinds: type[models.Model]) -> None:
    with connection.schema_editor() as editor:
        for kind in kinds:
            editor.create_model(kind)


def close() -> None:
    """Django leaves databases in memory open for ever; the next query opens an empty one."""
    connection.connection.close()
    connection.connection = None
