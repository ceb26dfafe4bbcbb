from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "enishi.exchange"

    def ready(self) -> None:
        from enishi.exchange import (
            cases,
            handover,
            history,
            metrics,
            packet,
            panels,
            receivers,
            rounds,
            search,
            thread,
            ways,
        )
        from enishi.exchange.matches import ways as matches
        from enishi.exchange.transfer import importing  # noqa: F401  registers how files are brought in

        rounds.register()
        ways.register()
        panels.register()
        history.register()
        search.register_sources()
        receivers.connect()
        handover.register()
        matches.register()
        thread.register()
        metrics.register_metrics()
        packet.register()
        cases.register()
