from django.urls import path

from enishi.desk.decisions import views, views_public

urlpatterns = [
    path("proposals/<int:pk>/first-reply/", views.first_reply, name="first_reply"),
    path("proposals/<int:pk>/decide/", views.decide, name="decide"),
    path("proposals/<int:pk>/pack/", views.decision_pack, name="decision_pack"),
    path("proposals/<int:pk>/learned/", views_public.learned_write, name="learned_write"),
    path("proposals/<int:pk>/onward/", views_public.proposal_onward, name="proposal_onward"),
    path("decisions/<int:pk>/letter/<slug:form>/", views.letter, name="decision_letter"),
    path("decisions/<int:pk>/publish/", views.publish, name="decision_publish"),
    path("status/<str:secret>/letter/<slug:form>/", views.letter_by_link, name="letter_by_link"),
    path(
        "status/<str:secret>/offers/<int:pk>/",
        views_public.onward_answer_by_link,
        name="onward_answer_by_link",
    ),
    path("offers/<int:pk>/", views_public.onward_answer, name="onward_answer"),
    path("results/", views_public.result_list, name="result_list"),
    path("learned/", views_public.learned_list, name="learned_list"),
    path("learned/new/", views_public.learned_stopped, name="learned_stopped"),
    path("learned/<int:pk>/", views_public.learned_stopped, name="learned_stopped_edit"),
    path("learned/<int:pk>/publish/", views_public.learned_publish, name="learned_publish"),
]
