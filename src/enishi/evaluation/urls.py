"""Addresses of evaluation."""

from django.urls import URLPattern, URLResolver

from enishi.evaluation.envelopes import urls as envelopes
from enishi.evaluation.published import urls as published
from enishi.evaluation.reflection import urls as reflection

app_name = "evaluation"

urlpatterns: list[URLPattern | URLResolver] = [
    *reflection.urlpatterns,
    *published.urlpatterns,
    *envelopes.urlpatterns,
]
