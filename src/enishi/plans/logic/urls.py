"""Addresses of logic models."""

from django.urls import URLPattern, URLResolver, path

from enishi.plans.logic import views, views_parts

urlpatterns: list[URLPattern | URLResolver] = [
    path("logic/", views.logic_list, name="logic_list"),
    path("logic/new/", views.logic_new, name="logic_new"),
    path("logic/trash/", views.logic_trash, name="logic_trash"),
    path("logic/<int:pk>/", views.logic_detail, name="logic_detail"),
    path("logic/<int:pk>/picture.svg", views.logic_picture, name="logic_picture"),
    path("logic/<int:pk>/export/", views.logic_export, name="logic_export"),
    path("logic/<int:pk>/import/", views_parts.logic_import, name="logic_import"),
    path("logic/<int:pk>/edit/", views.logic_edit, name="logic_edit"),
    path("logic/<int:pk>/confirm/", views.logic_confirm, name="logic_confirm"),
    path("logic/<int:pk>/submit/", views.logic_submit, name="logic_submit"),
    path("logic/<int:pk>/take-back/", views.logic_take_back, name="logic_take_back"),
    path("logic/<int:pk>/return/", views.logic_return, name="logic_return"),
    path("logic/<int:pk>/approve/", views.logic_approve, name="logic_approve"),
    path("logic/<int:pk>/delete/", views.logic_delete, name="logic_delete"),
    path("logic/<int:pk>/restore/", views.logic_restore, name="logic_restore"),
    path("logic/<int:pk>/boxes/new/", views_parts.logic_node_new, name="logic_node_new"),
    path("logic/<int:pk>/boxes/<int:node>/", views_parts.logic_node_edit, name="logic_node_edit"),
    path("logic/<int:pk>/boxes/<int:node>/remove/", views_parts.logic_node_remove, name="logic_node_remove"),
    path("logic/<int:pk>/arrows/new/", views_parts.logic_edge_new, name="logic_edge_new"),
    path("logic/<int:pk>/arrows/<int:edge>/", views_parts.logic_edge_edit, name="logic_edge_edit"),
    path("logic/<int:pk>/arrows/<int:edge>/remove/", views_parts.logic_edge_remove, name="logic_edge_remove"),
]
