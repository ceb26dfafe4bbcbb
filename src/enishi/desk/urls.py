"""Addresses of the desk. The sub-rooms bring their own."""

from django.urls import URLPattern, URLResolver, path

from enishi.desk import views_cases

app_name = "desk"

urlpatterns: list[URLPattern | URLResolver] = [
    path("proposals/<int:pk>/", views_cases.proposal_detail, name="proposal_detail"),
]
