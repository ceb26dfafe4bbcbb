from django.urls import URLPattern, URLResolver, path

from enishi.projects.awards import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("awards/", views.award_list, name="award_list"),
    path("awards/new/", views.award_new, name="award_new"),
    path("awards/vote/<str:token>/", views.award_vote, name="award_vote"),
    path("awards/<int:pk>/", views.award_detail, name="award_detail"),
    path("awards/<int:pk>/edit/", views.award_edit, name="award_edit"),
    path("awards/<int:pk>/move/", views.award_move, name="award_move"),
    path("awards/<int:pk>/jurors/", views.award_jurors, name="award_jurors"),
    path("awards/<int:pk>/enter/", views.award_enter, name="award_enter"),
    path("awards/<int:pk>/entries/<int:entry_pk>/", views.award_entry, name="award_entry"),
    path("awards/<int:pk>/entries/<int:entry_pk>/vote/", views.award_ask_vote, name="award_ask_vote"),
    path("awards/<int:pk>/entries/<int:entry_pk>/score/", views.award_score, name="award_score"),
    path(
        "awards/<int:pk>/entries/<int:entry_pk>/withdraw/",
        views.award_entry_withdraw,
        name="award_entry_withdraw",
    ),
]
