from django.urls import path

from enishi.notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.notice_list, name="notice_list"),
    path("read/", views.notice_read_all, name="notice_read_all"),
    path("settings/", views.notice_settings, name="notice_settings"),
    path("<int:notice_id>/open/", views.notice_open, name="notice_open"),
]
