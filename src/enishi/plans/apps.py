from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "enishi.plans"

    def ready(self) -> None:
        from enishi.plans import handover, history, metrics, offers, panels, search

        panels.register()
        search.register_sources()
        history.register()
        handover.register()
        metrics.register()
        offers.register()
