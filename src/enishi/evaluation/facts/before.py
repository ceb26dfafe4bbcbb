"""What was before a sheet: how it was judged, what was decided and came of it, who asked that it be looked at again."""

from django.urls import reverse
from django.utils.translation import gettext as _

from enishi.evaluation.facts.gathering import Records
from enishi.evaluation.facts.shapes import Text
from enishi.evaluation.models import Evaluation, ImprovementDecision, Subject
from enishi.foundation.money import yen_in_words

MOST_HEARD = 3


def last_time(subject: Subject, records: Records) -> list[Text]:
    """How it was judged before, what was decided, what came of it; and what anybody has asked to be looked at."""
    decision = records.last_decisions.get(subject.pk)
    decided = _last_decision(decision) if decision is not None else []
    return [_last_judgement(records.last_words.get(subject.pk)), *decided, *_asked(subject, records)]


def _last_judgement(words: Evaluation | None) -> Text:
    label = _("前回の判定")
    if words is None:
        return Text(label=label, value=_("前の評価の記録がありません。"), source=_("評価の記録"), url="")
    told = f"{words.subject.cycle.evaluated_year} {words.get_judgement_display()}"
    return Text(
        label=label, value=told, source=str(words.subject.cycle), url=words.subject.get_absolute_url()
    )


def _asked(subject: Subject, records: Records) -> list[Text]:
    """The proposals by which anybody asked for this review, in their own words."""
    if subject.programme_id is None:
        return []
    rows = records.proposals.get(subject.programme_id, [])
    source = _("見直しの提案")
    if not rows:
        return [Text(label=source, value=_("ありません"), source=source, url="")]
    found = []
    for row in rows[:MOST_HEARD]:
        label = _("見直しの提案(%(kind)s)") % {"kind": row.get_kind_display()}
        found.append(Text(label=label, value=row.reason, source=source, url=row.get_absolute_url()))
    return found


def _last_decision(decision: ImprovementDecision) -> list[Text]:
    url = decision.get_absolute_url()
    source = _("%(cycle)sの決定") % {"cycle": decision.subject.cycle}
    amount = yen_in_words(decision.expected_delta_yen) if decision.expected_delta_yen is not None else ""
    found = [
        Text(label=_("前回の方向"), value=str(decision.get_direction_display()), source=source, url=url),
        Text(label=_("前回決めたこと"), value=decision.content, source=source, url=url),
        Text(label=_("前回の予算の増減の見込み"), value=amount, source=source, url=url),
    ]
    for follow in decision.follow_ups.all():
        words = _("%(state)s。%(evidence)s") if follow.evidence else "%(state)s"
        said = words % {"state": follow.get_state_display(), "evidence": follow.evidence}
        found.append(
            Text(label=_("フォロー: %(what)s") % {"what": follow.what}, value=said, source=source, url=url)
        )
    return found


def previous_words(records: Records, subject: Subject) -> dict[str, str]:
    """Last time's words, to be read beside this year's and to find what was copied."""
    words = records.last_words.get(subject.pk)
    if words is None:
        return {}
    return {
        "year": str(words.subject.cycle.evaluated_fy),
        "judgement": words.judgement,
        "direction": words.direction,
        "comment": words.comment,
        "improvement": words.improvement,
        "url": reverse("evaluation:sheet_detail", args=[words.subject_id]),
    }
