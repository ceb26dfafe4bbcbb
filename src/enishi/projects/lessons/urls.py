from django.urls import URLPattern, URLResolver, path

from enishi.projects.lessons import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("lessons/", views.lesson_list, name="lesson_list"),
    path("lessons/new/", views.lesson_new, name="lesson_new"),
    path("lessons/<int:pk>/", views.lesson_detail, name="lesson_detail"),
    path("lessons/<int:pk>/edit/", views.lesson_edit, name="lesson_edit"),
    path("lessons/<int:pk>/delete/", views.lesson_delete, name="lesson_delete"),
    path("lessons/<int:pk>/restore/", views.lesson_restore, name="lesson_restore"),
    path("lessons/<int:pk>/nameless/", views.nameless_prepare, name="nameless_prepare"),
    path("lessons/public/", views.nameless_list, name="nameless_list"),
    path("lessons/public/<int:pk>/", views.nameless_detail, name="nameless_detail"),
    path("lessons/public/<int:pk>/check/", views.nameless_check, name="nameless_check"),
    path("lessons/public/<int:pk>/withdraw/", views.nameless_withdraw, name="nameless_withdraw"),
]
