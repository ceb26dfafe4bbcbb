from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

from enishi.foundation import views

app_name = "foundation"
urlpatterns: list[URLPattern | URLResolver] = [
    path("language", set_language, name="set_language"),
    path("drafts/keep", views.draft_keep, name="draft_keep"),
    path("drafts/discard", views.draft_discard, name="draft_discard"),
    path("jobs/<uuid:job_id>", views.job, name="job"),
    path("jobs/<uuid:job_id>/cancel", views.job_cancel, name="job_cancel"),
]
