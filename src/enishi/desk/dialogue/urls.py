from django.urls import path

from enishi.desk.dialogue import views

urlpatterns = [
    path("proposals/<int:pk>/meetings/new/", views.meeting_new, name="meeting_new"),
    path("proposals/<int:pk>/internal-notes/", views.note_add, name="internal_note_add"),
    path("meetings/<int:pk>/", views.meeting_edit, name="meeting_edit"),
    path("homework/<int:pk>/done/", views.homework_done, name="homework_done"),
]
