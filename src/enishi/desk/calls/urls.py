from django.urls import path

from enishi.desk import views_trash
from enishi.desk.calls import views

urlpatterns = [
    path("calls/", views.call_list, name="call_list"),
    path("calls/new/", views.call_new, name="call_new"),
    path("calls/<int:pk>/", views.call_detail, name="call_detail"),
    path("calls/<int:pk>/edit/", views.call_edit, name="call_edit"),
    path("calls/<int:pk>/criteria/", views.call_criteria, name="call_criteria"),
    path("calls/<int:pk>/delete/", views_trash.draft_delete, {"kind": "call"}, name="call_delete"),
    path("calls/<int:pk>/restore/", views_trash.draft_restore, {"kind": "call"}, name="call_restore"),
    path("trash/", views_trash.trash, name="trash"),
    path("calls/<int:pk>/open/", views.call_open, name="call_open"),
    path("calls/<int:pk>/status/", views.call_status, name="call_status"),
    path("calls/<int:pk>/ask/", views.call_ask, name="call_ask"),
    path("calls/<int:pk>/add/", views.call_add, name="call_add"),
    path("calls/<int:pk>/calendar.ics", views.call_calendar, name="call_calendar"),
    path("calls/questions/<int:pk>/", views.question_answer, name="call_question_answer"),
]
