"""Addresses of readings."""

from django.urls import URLPattern, URLResolver, path

from enishi.plans.reading import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("reading/", views.reading_list, name="reading_list"),
    path("reading/new/", views.reading_new, name="reading_new"),
    path("reading/trash/", views.reading_trash, name="reading_trash"),
    path("reading/<int:pk>/", views.reading_detail, name="reading_detail"),
    path("reading/<int:pk>/file/", views.reading_file, name="reading_file"),
    path("reading/<int:pk>/accept-sure/", views.reading_accept_sure, name="reading_accept_sure"),
    path("reading/<int:pk>/write/", views.reading_write, name="reading_write"),
    path("reading/<int:pk>/undo/", views.reading_undo, name="reading_undo"),
    path("reading/<int:pk>/delete/", views.reading_delete, name="reading_delete"),
    path("reading/<int:pk>/restore/", views.reading_restore, name="reading_restore"),
    path("reading/<int:pk>/items/<int:item>/", views.reading_item, name="reading_item"),
    path("reading/<int:pk>/items/<int:item>/choose/", views.reading_choose, name="reading_choose"),
]
