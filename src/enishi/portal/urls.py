from django.urls import URLPattern, URLResolver, path

from enishi.portal import views, views_cases, views_numbers

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("search", views.search, name="search"),
    path("about", views.about, name="about"),
    path("health", views.health, name="health"),
    path("cases/<slug:kind>/<int:pk>/", views_cases.case_detail, name="case_detail"),
    path("cases/<slug:kind>/<int:pk>/print/", views_cases.case_print, name="case_print"),
    path("cases/<slug:kind>/<int:pk>/case.json", views_cases.case_json, name="case_json"),
    path("metrics/", views_numbers.metric_list, name="metric_list"),
    path("metrics/<str:key>/", views_numbers.metric_detail, name="metric_detail"),
    path("metrics/<str:key>/chart.svg", views_numbers.metric_chart, name="metric_chart"),
]
