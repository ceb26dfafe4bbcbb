"""Addresses of the trust page."""

from django.urls import URLPattern, path

from enishi.knowledge.trust import public, views

app_name = "trust"
urlpatterns: list[URLPattern] = [
    path("knowledge/trust/", views.sets, name="sets"),
    path("knowledge/trust/new/", views.set_new, name="set_new"),
    path("knowledge/trust/form/", views.set_form, name="set_form"),
    path("knowledge/trust/<int:pk>/", views.set_detail, name="set"),
    path("knowledge/trust/<int:pk>/questions/", views.set_questions, name="set_questions"),
    path("knowledge/trust/<int:pk>/replace/", views.set_replace, name="set_replace"),
    path("knowledge/trust/<int:pk>/chart.svg", views.set_chart, name="set_chart"),
    *(
        path(f"knowledge/trust/<int:pk>/{step}/", views.set_step, {"step": step}, name=f"set_{step}")
        for step in ("run", "publish", "hide", "delete", "restore")
    ),
    path("ask/<str:slug>/accuracy/", public.public, name="public"),
    path("ask/<str:slug>/accuracy/<int:pk>.svg", public.public_chart, name="public_chart"),
]
