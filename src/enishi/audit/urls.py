from django.urls import path

from enishi.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.act_list, name="act_list"),
    path("<str:label>/<str:key>/", views.record_history, name="record_history"),
]
