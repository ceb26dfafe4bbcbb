from django.urls import URLPattern, URLResolver, path

from enishi.evaluation.reflection import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("reflections/", views.reflection_list, name="reflection_list"),
    path("reflections/approve/", views.reflection_approve, name="reflection_approve"),
    path("reflections/import/", views.reflection_import, name="reflection_import"),
    path("reflections/uploads/<int:pk>/", views.reflection_upload, name="reflection_upload"),
    path("reflections/<int:decision_pk>/", views.reflection_detail, name="reflection_detail"),
    path("reflections/<int:decision_pk>/record/", views.reflection_record, name="reflection_record"),
]
