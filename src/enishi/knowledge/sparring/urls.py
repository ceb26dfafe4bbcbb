"""Addresses of sparring."""

from django.urls import URLPattern, path

from enishi.knowledge.sparring import views

app_name = "sparring"
urlpatterns: list[URLPattern] = [
    path("", views.session_list, name="session_list"),
    path("<int:pk>/", views.session_detail, name="session_detail"),
    path("<int:pk>/correct/", views.session_correct, name="session_correct"),
    path("<int:pk>/delete/", views.session_delete, name="session_delete"),
    path("<int:pk>/restore/", views.session_restore, name="session_restore"),
]
