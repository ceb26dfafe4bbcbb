"""Addresses of the evidence register."""

from django.urls import URLPattern, URLResolver, path

from enishi.plans.evidence import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("evidence/", views.evidence_list, name="evidence_list"),
    path("evidence/new/", views.evidence_new, name="evidence_new"),
    path("evidence/import/", views.evidence_import, name="evidence_import"),
    path("evidence/trash/", views.evidence_trash, name="evidence_trash"),
    path("evidence/<int:pk>/", views.evidence_detail, name="evidence_detail"),
    path("evidence/<int:pk>/edit/", views.evidence_edit, name="evidence_edit"),
    path("evidence/<int:pk>/check/", views.evidence_check, name="evidence_check"),
    path("evidence/<int:pk>/use/", views.evidence_use, name="evidence_use"),
    path("evidence/<int:pk>/uses/<int:use>/remove/", views.evidence_unuse, name="evidence_unuse"),
    path("evidence/<int:pk>/delete/", views.evidence_delete, name="evidence_delete"),
    path("evidence/<int:pk>/restore/", views.evidence_restore, name="evidence_restore"),
]
