from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "enishi.projects"

    def ready(self) -> None:
        from enishi.projects import ends, thread

        thread.register()
        ends.register()
