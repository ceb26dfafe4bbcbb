"""Addresses the tools for staff share."""

from django.urls import URLPattern, path

from enishi.knowledge.staff import trash, typed

app_name = "staff"
urlpatterns: list[URLPattern] = [
    path("typed/<str:form>/", typed.keep, name="typed_keep"),
    path("typed/<str:form>/discard/", typed.discard, name="typed_discard"),
    path("trash/", trash.trash, name="trash"),
    path("trash/<slug:kind>/<int:pk>/restore/", trash.restore, name="trash_restore"),
]
