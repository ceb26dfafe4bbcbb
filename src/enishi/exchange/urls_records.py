"""Addresses of challenges, resources and what belongs to them."""

from django.urls import URLPattern, URLResolver, path

from enishi.exchange import (
    views_check,
    views_drafts,
    views_fields,
    views_files,
    views_lists,
    views_records,
    views_searches,
    views_steps,
    views_writing,
)
from enishi.exchange.kinds import CHALLENGE, RESOURCE, Kind


def _of_kind(kind: Kind, root: str) -> list[URLPattern | URLResolver]:
    name, given = kind.name, {"kind": kind}
    return [
        path(f"{root}/", views_lists.record_list, given, name=f"{name}_list"),
        path(f"{root}/new/", views_steps.record_new, given, name=f"{name}_new"),
        path(f"{root}/new/form/", views_steps.record_create, given, name=f"{name}_create"),
        path(f"{root}/new/draft/", views_drafts.record_draft_new, given, name=f"{name}_draft_new"),
        path(f"{root}/<int:pk>/", views_records.record_detail, given, name=f"{name}_detail"),
        path(f"{root}/<int:pk>/edit/", views_steps.record_edit, given, name=f"{name}_edit"),
        path(f"{root}/<int:pk>/edit/<slug:slug>/", views_steps.record_step, given, name=f"{name}_step"),
        path(
            f"{root}/<int:pk>/drafts/<slug:slug>/",
            views_drafts.record_draft_keep,
            given,
            name=f"{name}_draft_keep",
        ),
        path(
            f"{root}/<int:pk>/drafts/<slug:slug>/discard/",
            views_drafts.record_draft_discard,
            given,
            name=f"{name}_draft_discard",
        ),
        path(f"{root}/<int:pk>/check/", views_check.record_check, given, name=f"{name}_check"),
        path(f"{root}/<int:pk>/publish/", views_records.record_publish, given, name=f"{name}_publish"),
        path(f"{root}/<int:pk>/status/", views_records.record_status, given, name=f"{name}_status"),
        path(f"{root}/<int:pk>/delete/", views_records.record_delete, given, name=f"{name}_delete"),
        path(f"{root}/<int:pk>/restore/", views_records.record_restore, given, name=f"{name}_restore"),
        path(f"{root}/<int:pk>/pitch/", views_records.record_pitch, given, name=f"{name}_pitch"),
        path(f"{root}/<int:pk>/files/", views_files.record_files, given, name=f"{name}_files"),
    ]


urlpatterns: list[URLPattern | URLResolver] = [
    path("challenges/new/start/", views_writing.challenge_start, name="challenge_start"),
    path("challenges/<int:pk>/write/<slug:slug>/", views_writing.challenge_write, name="challenge_write"),
    path("challenges/<int:pk>/move/", views_writing.challenge_move, name="challenge_move"),
    *_of_kind(CHALLENGE, "challenges"),
    *_of_kind(RESOURCE, "resources"),
    path("resources/<int:pk>/confirm/", views_records.resource_confirm, name="resource_confirm"),
    path("confirm/<str:token>/", views_records.resource_confirm_by_link, name="resource_confirm_by_link"),
    path("trash/", views_records.trash, name="trash"),
    path("attachments/<int:pk>/", views_files.attachment_download, name="attachment_download"),
    path("attachments/<int:pk>/remove/", views_files.attachment_remove, name="attachment_remove"),
    path("attachments/<int:pk>/restore/", views_files.attachment_restore, name="attachment_restore"),
    path("fields/", views_fields.field_list, name="field_list"),
    path("fields/add/", views_fields.field_add, name="field_add"),
    *(
        path(
            f"fields/<int:pk>/{action}/",
            views_fields.field_change,
            {"action": action},
            name=f"field_{action}",
        )
        for action in ("rename", "up", "down", "retire", "reuse", "remove")
    ),
    path("searches/", views_searches.search_list, name="search_list"),
    path("searches/save/", views_searches.search_save, name="search_save"),
    path("searches/<int:pk>/delete/", views_searches.search_delete, name="search_delete"),
]
