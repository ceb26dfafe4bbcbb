from django.urls import URLPattern, URLResolver, path

from enishi.portal import views

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("search", views.search, name="search"),
    path("about", views.about, name="about"),
    path("health", views.health, name="health"),
]
