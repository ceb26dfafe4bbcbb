from django.urls import path

from enishi.exchange.transfer import views

app_name = "imports"
urlpatterns = [
    path("exports/<uuid:job_id>/", views.export_fetch, name="export_fetch"),
    path("new/<str:kind>/", views.import_new, name="import_new"),
    path("form/<str:kind>/", views.import_form, name="import_form"),
    path("<uuid:batch_id>/", views.import_detail, name="import_detail"),
    path("<uuid:batch_id>/words/", views.import_words, name="import_words"),
    path("<uuid:batch_id>/confirm/", views.import_confirm, name="import_confirm"),
    path("<uuid:batch_id>/undo/", views.import_undo, name="import_undo"),
]
