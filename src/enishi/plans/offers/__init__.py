"""What logic models, evidence, scorings and readings offer other rooms. Called once, in ``apps.ready``."""

from enishi.plans.offers import handing, history, metrics, panels, rounds, search


def register() -> None:
    panels.register()
    search.register()
    history.register()
    handing.register()
    metrics.register()
    rounds.register()
