from django.urls import URLPattern, URLResolver, path

from enishi.projects.reports import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("<int:pk>/report/", views.report_detail, name="report_detail"),
    path("<int:pk>/report/edit/", views.report_edit, name="report_edit"),
    path("<int:pk>/report/move/", views.report_move, name="report_move"),
    path("<int:pk>/publication/edit/", views.publication_edit, name="publication_edit"),
    path("<int:pk>/publication/move/", views.publication_move, name="publication_move"),
    path("public/", views.publication_list, name="publication_list"),
    path("public/<int:pk>/", views.publication_detail, name="publication_detail"),
]
