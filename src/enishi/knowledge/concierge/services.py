"""Everything that writes at the desk for residents: how it is set, what is said of an answer, what is handed over."""

import datetime as dt
import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.foundation.refusals import require_version
from enishi.knowledge.answers import guards
from enishi.knowledge.answers.access import may_read_questions, may_run
from enishi.knowledge.answers.enums import Helpful
from enishi.knowledge.models import AskedQuestion, Concierge, HandOver
from enishi.knowledge.staff.errors import RefusedError
from enishi.organizations.models import Organization

MOST_ORIGINS = 20


@dataclass(frozen=True)
class DeskValues:
    slug: str
    title: str
    greeting: str = ""
    is_open: bool = False
    default_section_id: int | None = None
    opening_hours: str = ""
    shown_on: str = ""
    uses_documents: bool = True
    uses_generation: bool = False


@transaction.atomic
def set_desk(
    *,
    organization: Organization,
    values: DeskValues,
    actor: Person,
    at: dt.datetime,
    version: int | None = None,
) -> Concierge:
    """Open, change or close an organisation's desk; nobody writes over what somebody else saved since ``version``."""
    if not may_run(actor, organization.pk):
        raise RefusedError(_("住民の窓口を変えられるのは、団体の管理職・企画・管理者です。"))
    desk = Concierge.objects.select_for_update().filter(organization=organization).first()
    if desk is not None:
        require_version(desk, version)
    if Concierge.objects.filter(slug=values.slug).exclude(organization=organization).exists():
        raise RefusedError(_("番地「%(slug)s」はほかの団体が使っています。") % {"slug": values.slug})
    before = trail.values(desk) if desk is not None else {}
    desk = desk or Concierge(organization=organization)
    for name in ("slug", "is_open", "default_section_id", "uses_documents", "uses_generation"):
        setattr(desk, name, getattr(values, name))
    for name in ("title", "greeting", "opening_hours"):
        setattr(desk, name, clean_text(getattr(values, name)).strip())
    desk.shown_on = "\n".join(checked_origins(values.shown_on))
    desk.updated_at, desk.version = at, desk.version + 1 if before else 1
    desk.save()
    changes = trail.differences(before, trail.values(desk))
    for name in ("updated_at", "version"):
        changes.pop(name, None)
    trail.record(trail.Act(actor, "edit" if before else "create", desk, at, organization.pk, changes))
    return desk


def checked_origins(text: str) -> list[str]:
    """The sites a person typed, one a line, as a browser compares them; a wrong one is told by its line."""
    found: list[str] = []
    for number, line in enumerate((line.strip() for line in text.splitlines()), start=1):
        if not line:
            continue
        parts = urlsplit(line)
        plain = f"{parts.scheme}://{parts.netloc}".lower()
        is_site = parts.scheme in ("https", "http") and parts.hostname and parts.path in ("", "/")
        if not is_site or parts.query or "@" in parts.netloc or set(plain) & set(" ;,*'\""):
            raise RefusedError(
                _(
                    "%(row)d行目の「%(value)s」はサイトの番地として読めません。例: https://www.city.example.lg.jp"
                )
                % {"row": number, "value": line[:80]}
            )
        found.append(plain)
    if len(found) > MOST_ORIGINS:
        raise RefusedError(_("埋め込みを許すサイトは%(limit)d個までです。") % {"limit": MOST_ORIGINS})
    return list(dict.fromkeys(found))


def give_feedback(*, question_id: uuid.UUID, organization: Organization, helpful: str, comment: str) -> bool:
    """Note whether an answer helped; the comment is masked like a question. Whether there was such a question."""
    if helpful not in Helpful.values:
        return False
    rows = AskedQuestion.objects.filter(pk=question_id, organization=organization)
    return bool(rows.update(helpful=helpful, comment=guards.masked(comment).text))


@transaction.atomic
def hand_over(*, question_id: uuid.UUID, organization: Organization, at: dt.datetime) -> HandOver | None:
    """Pass a kept question to its section under a number; the same question keeps its number."""
    question = (
        AskedQuestion.objects.select_for_update().filter(pk=question_id, organization=organization).first()
    )
    if question is None or not question.text:
        return None
    known = HandOver.objects.filter(question=question).first()
    if known is not None:
        return known
    for _try in range(5):
        try:
            with transaction.atomic():
                return HandOver.objects.create(
                    organization=organization, section_id=question.section_id, question=question, at=at
                )
        except IntegrityError:
            # One in a million million: the number is taken.
            continue
    return None


@transaction.atomic
def finish_hand_over(*, hand_over_id: int, actor: Person, at: dt.datetime) -> HandOver:
    row = HandOver.objects.select_for_update().get(pk=hand_over_id)
    if not may_read_questions(actor, row.organization_id):
        raise RefusedError(_("引き継いだ質問を閉じられるのは、その団体の人です。"))
    if row.done_at is None:
        row.done_at = at
        row.save(update_fields=["done_at"])
        trail.record(trail.Act(actor, "finish", row, at, row.organization_id))
    return row
