"""Addresses of the desk. The sub-rooms bring their own."""

from django.urls import URLPattern, URLResolver

from enishi.desk import urls_core
from enishi.desk.calls import urls as calls
from enishi.desk.decisions import urls as decisions
from enishi.desk.dialogue import urls as dialogue
from enishi.desk.review import urls as review
from enishi.desk.soundings import urls as soundings

app_name = "desk"

urlpatterns: list[URLPattern | URLResolver] = [
    *urls_core.urlpatterns,
    *calls.urlpatterns,
    *soundings.urlpatterns,
    *dialogue.urlpatterns,
    *review.urlpatterns,
    *decisions.urlpatterns,
]
