from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "enishi.desk"

    def ready(self) -> None:
        from enishi.desk import engagements, packet, rounds, thread

        rounds.register()
        thread.register()
        engagements.register()
        packet.register()
