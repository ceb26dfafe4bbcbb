"""What a record still needs before others are asked to read it."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enishi.exchange.errors import Missing
from enishi.exchange.models import Challenge, Resource

Rule = tuple[str, str, str | Promise, Callable[[Any], bool]]
"""Name of the value, step where it is written, sentence when it is missing, whether it is there."""

_CHALLENGE: tuple[Rule, ...] = (
    ("title", "trouble", _("題名を書いてください。"), lambda c: len(c.title) >= 4),
    ("present_state", "trouble", _("いま困っていることを書いてください。"), lambda c: bool(c.present_state)),
    ("sufferers", "trouble", _("だれが困っているかを選んでください。"), lambda c: bool(c.sufferers)),
    ("desired_state", "goal", _("めざす姿を書いてください。"), lambda c: bool(c.desired_state)),
    ("fields", "seek", _("分野を一つ以上選んでください。"), lambda c: c.fields.exists()),
    ("areas", "seek", _("対象の地域を書いてください。"), lambda c: c.areas.exists()),
    (
        "contact_name",
        "share",
        _("担当課か問い合わせ先を書いてください。"),
        lambda c: bool(c.section_id or c.contact_name),
    ),
    (
        "due_on",
        "terms",
        _("締切が過ぎています。先の日付にするか、空けてください。"),
        lambda c: c.due_on is None or c.due_on >= timezone.localdate(),
    ),
)
_RESOURCE: tuple[Rule, ...] = (
    ("title", "offer", _("題名を書いてください。"), lambda r: len(r.title) >= 4),
    ("kinds", "offer", _("資源の種類を一つ以上選んでください。"), lambda r: bool(r.kinds)),
    ("offer", "offer", _("できることを書いてください。"), lambda r: bool(r.offer)),
    ("fields", "reach", _("分野を一つ以上選んでください。"), lambda r: r.fields.exists()),
    (
        "areas",
        "reach",
        _("対応できる地域を書くか「全国で対応」を選んでください。"),
        lambda r: r.is_nationwide or r.areas.exists(),
    ),
    (
        "expires_on",
        "share",
        _("掲載期限が過ぎています。先の日付にするか、空けてください。"),
        lambda r: not r.is_expired(timezone.localdate()),
    ),
)


def missing_for_publication(record: Challenge | Resource) -> list[Missing]:
    """Everything still missing, in the order of the form."""
    rules = _CHALLENGE if isinstance(record, Challenge) else _RESOURCE
    return [
        Missing(name, str(sentence), step) for name, step, sentence, is_there in rules if not is_there(record)
    ]
