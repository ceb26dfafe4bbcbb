"""Addresses of documents."""

from django.urls import URLPattern, path

from enishi.knowledge.documents import views, views_keeping

app_name = "documents"
urlpatterns: list[URLPattern] = [
    path("", views.document_list, name="documents"),
    path("upload/", views_keeping.upload, name="upload"),
    path("collections/", views.collection_list, name="collections"),
    path("collections/new/", views_keeping.collection_new, name="collection_new"),
    path("collections/<int:pk>/", views.collection_detail, name="collection"),
    path("collections/<int:pk>/edit/", views_keeping.collection_edit, name="collection_edit"),
    path("collections/<int:pk>/delete/", views_keeping.collection_delete, name="collection_delete"),
    path("synonyms/", views_keeping.synonym_list, name="synonyms"),
    path("synonyms/<int:pk>/edit/", views_keeping.synonym_edit, name="synonym_edit"),
    path("synonyms/<int:pk>/remove/", views_keeping.synonym_remove, name="synonym_remove"),
    path("<int:pk>/", views.document_detail, name="document"),
    path("<int:pk>/file/", views.document_file, name="document_file"),
    path("<int:pk>/edit/", views_keeping.document_edit, name="document_edit"),
    path("<int:pk>/replace/", views_keeping.document_replace, name="document_replace"),
    path("<int:pk>/supersede/", views_keeping.document_supersede, name="document_supersede"),
    path("<int:pk>/current/", views_keeping.document_current, name="document_current"),
    path("<int:pk>/read/", views_keeping.document_read, name="document_read"),
    path("<int:pk>/delete/", views_keeping.document_delete, name="document_delete"),
]
