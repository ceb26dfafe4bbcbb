"""The addresses of the room's second half."""

from django.urls import URLPattern, URLResolver

from enishi.projects.lessons.urls import urlpatterns as lessons

urlpatterns: list[URLPattern | URLResolver] = [*lessons]
