from django.urls import URLPattern, URLResolver

from enishi.projects.urls_ends import urlpatterns as ends

app_name = "projects"

urlpatterns: list[URLPattern | URLResolver] = [
    *ends * ends,
]
