"""Addresses of the desk for residents."""

from django.urls import URLPattern, path

from enishi.knowledge.concierge import views

app_name = "concierge"
urlpatterns: list[URLPattern] = [
    path("ask/", views.desk_index, name="index"),
    path("ask/widget.js", views.widget, name="widget"),
    path("ask/<str:slug>/", views.ask, name="ask"),
    path("ask/<str:slug>/frame/", views.ask, {"frame": True}, name="frame"),
    path("ask/<str:slug>/feedback/", views.feedback, name="feedback"),
    path("ask/<str:slug>/hand-over/", views.hand_over, name="hand_over"),
    path("knowledge/desks/", views.desks, name="desks"),
    path("knowledge/desks/<int:organization_id>/", views.desk_edit, name="desk_edit"),
    path("knowledge/hand-overs/<int:pk>/done/", views.hand_over_done, name="hand_over_done"),
]
