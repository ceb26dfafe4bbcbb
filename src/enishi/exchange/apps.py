from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "enishi.exchange"

    def ready(self) -> None:
        from enishi.exchange import rounds, ways

        rounds.register()
        ways.register()
