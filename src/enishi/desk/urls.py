"""Addresses of the desk. The sub-rooms bring their own."""

from django.urls import URLPattern, URLResolver, path

from enishi.desk import views_cases
from enishi.desk.calls import urls as calls
from enishi.desk.dialogue import urls as dialogue
from enishi.desk.soundings import urls as soundings

app_name = "desk"

urlpatterns: list[URLPattern | URLResolver] = [
    path("proposals/<int:pk>/", views_cases.proposal_detail, name="proposal_detail"),
    *calls.urlpatterns,
    *soundings.urlpatterns,
    *dialogue.urlpatterns,
]
