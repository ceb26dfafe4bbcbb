"""Addresses of drafting."""

from django.urls import URLPattern, path

from enishi.knowledge.drafting import views, views_editor, views_templates

app_name = "drafting"
urlpatterns: list[URLPattern] = [
    path("", views.draft_list, name="draft_list"),
    path("statistics/", views.statistics, name="statistics"),
    path("new/<slug:kind>/", views.draft_new, name="draft_new"),
    path("<int:pk>/", views_editor.draft_detail, name="draft_detail"),
    path("<int:pk>/borrow/", views_editor.draft_borrow, name="draft_borrow"),
    path("<int:pk>/write/", views_editor.draft_write, name="draft_write"),
    path("<int:pk>/items/", views_editor.draft_items, name="draft_items"),
    path("<int:pk>/reopen/", views_editor.draft_reopen, name="draft_reopen"),
    path("<int:pk>/docx/", views_editor.draft_docx, name="draft_docx"),
    path("<int:pk>/delete/", views.draft_delete, name="draft_delete"),
    path("templates/", views_templates.template_list, name="template_list"),
    path("templates/new/", views_templates.template_new, name="template_new"),
    path("templates/<int:pk>/", views_templates.template_edit, name="template_edit"),
    path("templates/<int:pk>/delete/", views_templates.template_delete, name="template_delete"),
]
