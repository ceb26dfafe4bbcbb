from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "enishi.agreements"

    def ready(self) -> None:
        from enishi.agreements import packet, rounds, thread

        rounds.register()
        thread.register()
        packet.register()
