from django.urls import URLPattern, URLResolver, path

from enishi.evaluation.published import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("data/", views.data_set_list, name="data_set_list"),
    path("data/new/", views.data_set_new, name="data_set_new"),
    path("data/<int:pk>/", views.data_set_detail, name="data_set_detail"),
    path("data/<int:pk>/all.zip", views.data_set_zip, name="data_set_zip"),
    path("data/<int:pk>/publish/", views.data_set_publish, name="data_set_publish"),
    path("data/<int:pk>/withdraw/", views.data_set_withdraw, name="data_set_withdraw"),
    path("data/<int:pk>/files/<str:name>", views.data_set_file, name="data_set_file"),
]
