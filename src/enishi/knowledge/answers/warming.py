"""What the first question after a start would wait for, done beforehand: the model, the words, the index, the sections."""

import logging
import threading

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone

from enishi.knowledge.answers import asking
from enishi.organizations.selectors import home_organization

logger = logging.getLogger(__name__)
_QUESTIONS = ("粗大ごみの手数料はいくらですか", "図書館は何時まで開いていますか")


def in_background() -> threading.Thread:
    """Ask once while nobody waits. To be called where a web process begins to serve."""
    thread = threading.Thread(target=_quietly, name="warming-answers", daemon=True)
    thread.start()
    return thread


def warm() -> None:
    """Answer two everyday questions of the house that runs this installation, keeping nothing."""
    house = home_organization()
    if house is None:
        return
    for text in _QUESTIONS:
        question = asking.Question(text, AnonymousUser(), [house])
        asking.ask(question, at=timezone.now(), keeps=False)


def _quietly() -> None:
    try:
        warm()
    except Exception:
        # A start is never stopped by this: the first question is slower, as it would have been.
        logger.warning("answers were not warmed up", exc_info=True)
    finally:
        connection.close()
