"""The addresses of the room's second half."""

from django.urls import URLPattern, URLResolver

from enishi.projects.handovers.urls import urlpatterns as handovers
from enishi.projects.lessons.urls import urlpatterns as lessons
from enishi.projects.sheets.urls import urlpatterns as sheets

urlpatterns: list[URLPattern | URLResolver] = [*lessons, *handovers, *sheets]
