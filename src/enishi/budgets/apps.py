from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    name = "enishi.budgets"

    def ready(self) -> None:
        from enishi.budgets import handover, history, metrics, panels, search
        from enishi.budgets.transfer import importing  # noqa: F401 - registers how its jobs are done

        panels.register()
        search.register_sources()
        history.register()
        handover.register()
        metrics.register_metrics()
