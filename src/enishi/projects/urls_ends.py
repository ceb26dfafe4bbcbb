"""The addresses of the room's second half."""

from django.urls import URLPattern, URLResolver

from enishi.projects.awards.urls import urlpatterns as awards
from enishi.projects.handovers.urls import urlpatterns as handovers
from enishi.projects.lessons.urls import urlpatterns as lessons
from enishi.projects.reports.urls import urlpatterns as reports
from enishi.projects.sheets.urls import urlpatterns as sheets

urlpatterns: list[URLPattern | URLResolver] = [*lessons, *handovers, *sheets, *reports, *awards]
