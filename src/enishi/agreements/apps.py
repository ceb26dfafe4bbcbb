from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "enishi.agreements"

    def ready(self) -> None:
        from enishi.agreements import (
            handover,
            metrics,
            packet,
            panels,
            published_data,
            rounds,
            search,
            tellings,
            thread,
        )

        rounds.register()
        thread.register()
        packet.register()
        tellings.register()
        panels.register()
        search.register_sources()
        handover.register()
        metrics.register()
        published_data.register()
