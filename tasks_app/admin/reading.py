"""Pages that only show: no adding, changing or deleting, and lists that stay cheap when a table is long."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from tasks_app.admin.choosing import ChosenRows


class ReadOnlyAdmin(ChosenRows, ModelAdmin):
    """Seen with the view or the change permission. Actions that ask a service require `ask`: the change permission."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_disable_select_all = True
    actions: Any = None

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.has_ask_permission(request) or super().has_view_permission(request, obj)

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return bool(super().has_change_permission(request))

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class LongListAdmin(ReadOnlyAdmin):
    """A table that may hold millions of rows: they are never counted, pages are walked one by one."""

    paginator = InfinitePaginator
    list_per_page = 50
    ordering: Sequence[str] = ("-id",)
    sortable_by: Sequence[str] = ()
    id_fields: ClassVar[Sequence[str]] = ()

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """An id is looked up by its index; only other words are looked for in `search_fields`."""
        try:
            wanted = UUID(search_term.strip())
        except ValueError:
            found: tuple[models.QuerySet[Any], bool] = super().get_search_results(request, queryset, search_term)
            return found
        return queryset.filter(reduce(or_, (models.Q((name, wanted)) for name in self.id_fields))), False


class ChoiceFilter(admin.SimpleListFilter):
    """A filter over words known beforehand; Django's own would look for them in the whole table."""

    parameter_name: str
    choices_of: ClassVar[type[models.TextChoices] | Sequence[tuple[str, str]]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        known = self.choices_of
        return list(known.choices) if isinstance(known, type) else list(known)

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset
