from django.urls import path

from enishi.desk.review import views, views_scoring

urlpatterns = [
    path("reviews/", views.review_list, name="review_list"),
    path("calls/<int:pk>/review/", views.review_of_call, name="review_of_call"),
    path("proposals/<int:pk>/review/", views.review_of_proposal, name="review_of_proposal"),
    path("reviews/<int:pk>/", views.review_detail, name="review_detail"),
    path("reviews/<int:pk>/reviewers/", views.review_seat, name="review_seat"),
    path("reviews/reviewers/<int:pk>/remove/", views.review_unseat, name="review_unseat"),
    path("reviews/invited/<int:pk>/remove/", views.review_uninvite, name="review_uninvite"),
    path("reviews/<int:pk>/criteria/", views.review_criteria, name="review_criteria"),
    path("reviews/<int:pk>/open/", views.review_open, name="review_open"),
    path("reviews/<int:pk>/declare/", views_scoring.review_declare, name="review_declare"),
    path("reviews/entries/<int:pk>/", views_scoring.review_entry, name="review_entry"),
    path("reviews/<int:pk>/submit/", views.review_submit, name="review_submit"),
    path("reviews/<int:pk>/discuss/", views.review_discuss, name="review_discuss"),
    path("reviews/scores/<int:pk>/", views_scoring.score_revise, name="review_score_revise"),
    path("reviews/entries/<int:pk>/order/", views_scoring.entry_order, name="review_entry_order"),
    path("reviews/<int:pk>/close/", views.review_close, name="review_close"),
    path("reviews/<int:pk>/table/", views.review_table, name="review_table"),
]
