"""What the first question after a start would wait for, done beforehand: the model, the words, the index, the sections."""

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from enishi.knowledge.answers import asking
from enishi.organizations.selectors import home_organization

_QUESTIONS = ("粗大ごみの手数料はいくらですか", "図書館は何時まで開いていますか")


def warm() -> None:
    """Answer two everyday questions of the house that runs this installation, keeping nothing."""
    house = home_organization()
    if house is None:
        return
    for text in _QUESTIONS:
        question = asking.Question(text, AnonymousUser(), [house])
        asking.ask(question, at=timezone.now(), keeps=False)
