"""Addresses of checklists and checks."""

from django.urls import URLPattern, path

from enishi.knowledge.checks import views, views_runs

app_name = "checks"
urlpatterns: list[URLPattern] = [
    path("", views.checklist_list, name="checklist_list"),
    path("new/", views.checklist_new, name="checklist_new"),
    path("<int:pk>/", views.checklist_detail, name="checklist_detail"),
    path("<int:pk>/edit/", views.checklist_edit, name="checklist_edit"),
    path("<int:pk>/rules/", views.checklist_rules, name="checklist_rules"),
    path("<int:pk>/versions/<int:number>/", views.checklist_version, name="checklist_version"),
    path("<int:pk>/delete/", views.checklist_delete, name="checklist_delete"),
    path("<int:pk>/run/", views_runs.run_new, name="run_new"),
    path("<int:pk>/typed/", views_runs.run_typed, name="run_typed"),
    path("<int:pk>/batch/", views_runs.batch_new, name="batch_new"),
    path("runs/", views_runs.run_list, name="run_list"),
    path("runs/<int:pk>/", views_runs.run_detail, name="run_detail"),
    path("runs/<int:pk>/decide/", views_runs.run_decide, name="run_decide"),
    path("runs/<int:pk>/delete/", views_runs.run_delete, name="run_delete"),
    path("batches/<int:pk>/", views_runs.batch_detail, name="batch_detail"),
    path("batches/<int:pk>/delete/", views_runs.batch_delete, name="batch_delete"),
]
