from django.urls import URLPattern, URLResolver, path

from enishi.projects.sheets import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("sheets/", views.sheet_list, name="sheet_list"),
    path("sheets/new/", views.sheet_new, name="sheet_new"),
    path("sheets/<int:pk>/", views.sheet_detail, name="sheet_detail"),
    path("sheets/<int:pk>/edit/", views.sheet_edit, name="sheet_edit"),
    path("sheets/<int:pk>/keep/", views.sheet_keep, name="sheet_keep"),
    path("sheets/<int:pk>/move/", views.sheet_move, name="sheet_move"),
    path("sheets/<int:pk>/print/", views.sheet_print, name="sheet_print"),
    path("sheets/<int:pk>/upload/", views.sheet_upload, name="sheet_upload"),
    path("sheets/<int:pk>/upload/<int:upload_pk>/", views.sheet_upload_check, name="sheet_upload_check"),
]
