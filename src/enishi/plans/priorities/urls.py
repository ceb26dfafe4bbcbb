"""Addresses of scorings."""

from django.urls import URLPattern, URLResolver, path

from enishi.plans.priorities import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("scoring/", views.scoring_list, name="scoring_list"),
    path("scoring/new/", views.scoring_new, name="scoring_new"),
    path("scoring/trash/", views.scoring_trash, name="scoring_trash"),
    path("scoring/<int:pk>/", views.scoring_detail, name="scoring_detail"),
    path("scoring/<int:pk>/edit/", views.scoring_edit, name="scoring_edit"),
    path("scoring/<int:pk>/criteria/", views.scoring_criteria, name="scoring_criteria"),
    path("scoring/<int:pk>/measures/", views.scoring_measures, name="scoring_measures"),
    path("scoring/<int:pk>/scorers/", views.scoring_scorers, name="scoring_scorers"),
    path("scoring/<int:pk>/open/", views.scoring_open, name="scoring_open"),
    path("scoring/<int:pk>/score/", views.scoring_score, name="scoring_score"),
    path("scoring/<int:pk>/close/", views.scoring_close, name="scoring_close"),
    path("scoring/<int:pk>/delete/", views.scoring_delete, name="scoring_delete"),
    path("scoring/<int:pk>/restore/", views.scoring_restore, name="scoring_restore"),
]
