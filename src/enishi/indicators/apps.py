from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "enishi.indicators"

    def ready(self) -> None:
        from enishi.indicators import handover, history, metrics, panels, receivers, rounds, search
        from enishi.indicators.transfer import importing  # noqa: F401 (the worker has to know its jobs)

        panels.register()
        search.register_sources()
        history.register()
        handover.register()
        metrics.register()
        rounds.register()
        receivers.connect()
