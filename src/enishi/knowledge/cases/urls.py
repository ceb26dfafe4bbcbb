"""Addresses of the case library."""

from django.urls import URLPattern, path

from enishi.knowledge.cases import views, views_imports, views_learning, views_parts

app_name = "cases"
urlpatterns: list[URLPattern] = [
    path("", views.case_list, name="case_list"),
    path("ask/", views.case_ask, name="case_ask"),
    path("new/", views.case_new, name="case_new"),
    path("candidates/", views.candidates, name="candidates"),
    path("<int:pk>/", views.case_detail, name="case_detail"),
    path("<int:pk>/edit/", views.case_edit, name="case_edit"),
    path("<int:pk>/verify/", views.case_verify, name="case_verify"),
    path("<int:pk>/delete/", views.case_delete, name="case_delete"),
    path("<int:pk>/steps/", views_parts.case_steps, name="case_steps"),
    path("<int:pk>/sources/", views_parts.case_sources, name="case_sources"),
    path("<int:pk>/files/", views_parts.case_files, name="case_files"),
    path("files/<int:pk>/", views_parts.file_download, name="file_download"),
    path("files/<int:pk>/remove/", views_parts.file_remove, name="file_remove"),
    path("files/<int:pk>/restore/", views_parts.file_restore, name="file_restore"),
    path("import/", views_imports.import_new, name="import_new"),
    path("import/form/", views_imports.import_form, name="import_form"),
    path("import/<uuid:pk>/", views_imports.import_detail, name="import_detail"),
    path("import/<uuid:pk>/confirm/", views_imports.import_confirm, name="import_confirm"),
    path("import/<uuid:pk>/undo/", views_imports.import_undo, name="import_undo"),
    path("learning/", views_learning.path_list, name="path_list"),
    path("learning/new/", views_learning.path_new, name="path_new"),
    path("learning/<int:pk>/", views_learning.path_detail, name="path_detail"),
    path("learning/<int:pk>/edit/", views_learning.path_edit, name="path_edit"),
    path("learning/<int:pk>/items/", views_learning.path_items, name="path_items"),
    path("learning/<int:pk>/delete/", views_learning.path_delete, name="path_delete"),
    path("learning/items/<int:pk>/read/", views_learning.item_read, name="item_read"),
]
