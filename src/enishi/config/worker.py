"""The background process: jobs from the queue, and rounds that are due."""

import logging
import threading

from django.core.management import call_command
from django.db import close_old_connections
from django.utils import timezone

from enishi.foundation import jobs, schedule
from enishi.foundation.models import Heartbeat

logger = logging.getLogger(__name__)
ROUND_SECONDS = 15


def work(*, once: bool) -> None:
    """Do what waits; go on until told to stop unless ``once``."""
    jobs.restart_abandoned(at=timezone.now())
    if once:
        schedule.make_due_rounds(timezone.now())
        call_command("db_worker", batch=True, startup_delay=False, verbosity=0)
        return
    stop = threading.Event()
    rounds = threading.Thread(target=_make_rounds, args=(stop,), name="rounds", daemon=True)
    rounds.start()
    try:
        call_command("db_worker", interval=0.5, startup_delay=False, reload=False, verbosity=0)
    finally:
        stop.set()
        rounds.join(timeout=5)


def _make_rounds(stop: threading.Event) -> None:
    name = jobs.this_worker()
    while not stop.wait(0 if not Heartbeat.objects.filter(pk=name).exists() else ROUND_SECONDS):
        close_old_connections()
        try:
            now = timezone.now()
            Heartbeat.objects.update_or_create(worker=name, defaults={"at": now})
            jobs.restart_abandoned(at=now)
            schedule.make_due_rounds(now)
        except Exception:
            # The next round may find the database back.
            logger.exception("rounds failed")
            stop.wait(ROUND_SECONDS)
