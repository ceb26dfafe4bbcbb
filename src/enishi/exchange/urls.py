from django.urls import URLPattern, URLResolver

from enishi.exchange import urls_records

app_name = "exchange"
urlpatterns: list[URLPattern | URLResolver] = [*urls_records.urlpatterns]
