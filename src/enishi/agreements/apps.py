from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "enishi.agreements"

    def ready(self) -> None:
        from enishi.agreements import rounds

        rounds.register()
