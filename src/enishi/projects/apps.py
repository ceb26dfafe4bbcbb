from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "enishi.projects"

    def ready(self) -> None:
        from enishi.projects import (
            case_library,
            ends,
            handover,
            history,
            indicators,
            metrics,
            next_challenges,
            occurred,
            panels,
            plan_steps,
            programmes,
            rounds,
            search,
            thread,
        )

        thread.register()
        panels.register()
        programmes.register()
        indicators.register()
        plan_steps.register()
        next_challenges.register()
        search.register_sources()
        history.register()
        handover.register()
        rounds.register()
        metrics.register()
        occurred.register()
        ends.register()
        case_library.register()
