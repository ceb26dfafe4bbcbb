from django.urls import URLPattern, URLResolver, path

from enishi.evaluation.envelopes import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("envelopes/", views.envelope_list, name="envelope_list"),
    path("envelopes/new/", views.envelope_new, name="envelope_new"),
    path("envelopes/compare/", views.envelope_compare, name="envelope_compare"),
    path("envelopes/<int:pk>/", views.envelope_detail, name="envelope_detail"),
    path("envelopes/<int:pk>/edit/", views.envelope_edit, name="envelope_edit"),
    path("envelopes/<int:pk>/choose/", views.envelope_choose, name="envelope_choose"),
    path("envelopes/<int:pk>/rows/<int:row_pk>/", views.envelope_adjust, name="envelope_adjust"),
]
