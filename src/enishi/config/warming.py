"""What the first readers after a start would wait for, done beforehand while nobody waits."""

import logging
import threading

from django.db import connection

from enishi.exchange.matches import calculations
from enishi.knowledge.answers import warming

logger = logging.getLogger(__name__)
PARTS = (calculations.warm, warming.warm)


def in_background() -> threading.Thread:
    """To be called where a web process begins to serve."""
    thread = threading.Thread(target=_quietly, name="warming", daemon=True)
    thread.start()
    return thread


def _quietly() -> None:
    for part in PARTS:
        try:
            part()
        except Exception:
            # A start is never stopped by this: the first answer is slower, as it would have been.
            logger.warning("%s was not warmed up", part.__module__, exc_info=True)
    connection.close()
