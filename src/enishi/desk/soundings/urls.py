from django.urls import path

from enishi.desk import views_trash
from enishi.desk.soundings import views, views_hearing, views_taking_part

urlpatterns = [
    path("soundings/", views.sounding_list, name="sounding_list"),
    path("soundings/new/", views.sounding_new, name="sounding_new"),
    path("soundings/<int:pk>/", views.sounding_detail, name="sounding_detail"),
    path("soundings/<int:pk>/edit/", views.sounding_edit, name="sounding_edit"),
    path(
        "soundings/<int:pk>/delete/", views_trash.draft_delete, {"kind": "sounding"}, name="sounding_delete"
    ),
    path(
        "soundings/<int:pk>/restore/",
        views_trash.draft_restore,
        {"kind": "sounding"},
        name="sounding_restore",
    ),
    path("soundings/<int:pk>/move/", views.sounding_move, name="sounding_move"),
    path("soundings/<int:pk>/slots/", views.slots_add, name="sounding_slots_add"),
    path("soundings/slots/<int:pk>/remove/", views.slot_remove, name="sounding_slot_remove"),
    path("soundings/<int:pk>/apply/", views_taking_part.sounding_apply, name="sounding_apply"),
    path("soundings/mine/<str:token>/", views_taking_part.sounding_mine, name="sounding_mine"),
    path(
        "soundings/applications/<int:pk>/",
        views_taking_part.sounding_application,
        name="sounding_application",
    ),
    path("soundings/dialogues/<int:pk>/", views_hearing.sounding_dialogue, name="sounding_dialogue"),
    path("soundings/dialogues/<int:pk>/book/", views_hearing.dialogue_book, name="sounding_dialogue_book"),
    path(
        "soundings/dialogues/<int:pk>/decline/",
        views_hearing.dialogue_decline,
        name="sounding_dialogue_decline",
    ),
    path("soundings/<int:pk>/summary/", views_hearing.sounding_summary, name="sounding_summary"),
    path("soundings/<int:pk>/summary/ask/", views_hearing.summary_ask, name="sounding_summary_ask"),
    path(
        "soundings/<int:pk>/summary/publish/", views_hearing.summary_publish, name="sounding_summary_publish"
    ),
    path("soundings/paragraphs/<int:pk>/", views_hearing.summary_paragraph, name="sounding_paragraph"),
    path(
        "soundings/paragraphs/<int:pk>/remove/",
        views_hearing.paragraph_remove,
        name="sounding_paragraph_remove",
    ),
]
