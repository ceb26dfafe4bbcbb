from django.urls import URLPattern, URLResolver, path

from enishi.projects.handovers import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("handovers/", views.handover_list, name="handover_list"),
    path("handovers/new/", views.handover_new, name="handover_new"),
    path("handovers/<int:pk>/", views.handover_detail, name="handover_detail"),
    path("handovers/<int:pk>/print/", views.handover_print, name="handover_print"),
    path("handovers/<int:pk>/confirm/", views.handover_confirm, name="handover_confirm"),
]
