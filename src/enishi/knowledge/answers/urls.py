"""Addresses of questions and approved answers."""

from django.urls import URLPattern, path

from enishi.knowledge.answers import views, views_asking

app_name = "answers"
_STEPS = ("submit", "approve", "send_back", "withdraw", "confirm", "delete")
urlpatterns: list[URLPattern] = [
    path("ask/", views_asking.ask, name="ask"),
    path("answers/", views.answer_list, name="answer_list"),
    path("answers/new/", views.answer_new, name="answer_new"),
    path("answers/questions/", views_asking.question_list, name="question_list"),
    path("answers/todo/", views_asking.todo_list, name="todo_list"),
    path("answers/todo/<int:pk>/", views_asking.todo_detail, name="todo_detail"),
    path("answers/todo/<int:pk>/leave/", views_asking.todo_leave, name="todo_leave"),
    path("answers/models/", views_asking.models, name="models"),
    path("answers/import/", views_asking.import_new, name="import_new"),
    path("answers/import/form/", views_asking.import_form, name="import_form"),
    path("answers/import/<uuid:pk>/", views_asking.import_detail, name="import_detail"),
    path("answers/import/<uuid:pk>/confirm/", views_asking.import_confirm, name="import_confirm"),
    path("answers/<int:pk>/", views.answer_detail, name="answer"),
    path("answers/<int:pk>/edit/", views.answer_edit, name="answer_edit"),
    *(
        path(f"answers/<int:pk>/{step}/", views.answer_step, {"step": step}, name=f"answer_{step}")
        for step in _STEPS
    ),
    path("answers/<int:pk>/<str:language>/", views.translation_edit, name="translation"),
    path("answers/<int:pk>/<str:language>/draft/", views.translation_draft, name="translation_draft"),
    path("answers/<int:pk>/<str:language>/approve/", views.translation_approve, name="translation_approve"),
]
