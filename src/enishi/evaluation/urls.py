"""Addresses of evaluation."""

from django.urls import URLPattern, URLResolver

from enishi.evaluation.reflection import urls as reflection

app_name = "evaluation"

urlpatterns: list[URLPattern | URLResolver] = [*reflection.urlpatterns]
