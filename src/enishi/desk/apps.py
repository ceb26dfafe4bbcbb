from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "enishi.desk"

    def ready(self) -> None:
        from enishi.desk import (
            case_library,
            engagements,
            handover,
            history,
            metrics,
            packet,
            panels,
            rounds,
            search,
            thread,
            ways,
        )
        from enishi.desk.services import importing  # noqa: F401  registers how files are brought in

        rounds.register()
        thread.register()
        engagements.register()
        ways.register()
        panels.register()
        history.register()
        search.register_source()
        handover.register()
        metrics.register_metrics()
        packet.register()
        case_library.register()
