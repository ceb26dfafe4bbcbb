"""Words and shapes every page uses; built into every template."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join, strip_tags, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from enishi.foundation import days, icons, money, panels
from enishi.foundation.business_days import business_days_until
from enishi.foundation.days import day_in_words, fiscal_year_in_words, speaks_japanese
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.previews import Fault

register = template.Library()


def _day(value: object) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, dt.date) else None


def _moment_in_words(value: dt.date) -> str:
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
        return f"{day_in_words(value.date())} {value:%H:%M}"
    return day_in_words(value)


_JAPANESE = re.compile(r"[ぁ-んァ-ヺ一-鿿々]")
_LATIN = re.compile(r"[A-Za-z]")


@register.filter
def lang_of(text: object) -> SafeString:
    """``lang="ja"`` for Japanese words on a page in another language, so that a screen reader speaks them as such."""
    if speaks_japanese():
        return mark_safe("")
    words = strip_tags(str(text))
    is_japanese = len(_JAPANESE.findall(words)) > len(_LATIN.findall(words))
    return format_html(' lang="{}"', "ja") if is_japanese else mark_safe("")


@register.filter
def listed(parts: Iterable[object], separator: str) -> str:
    """Several things in one line, parted as the reader's language parts them: A・B, or A, B."""
    return _(separator).join(str(part) for part in parts or ())


_QUOTED = re.compile(r"(「[^「」]*」)")


@register.filter
def quotes(text: object) -> SafeString:
    """A sentence in which what it quotes in 「」 is marked as Japanese on a page in another language."""
    parts = _QUOTED.split(str(text))
    return format_html_join("", "{}", ((_quote(part),) for part in parts))


def _quote(part: str) -> str:
    if speaks_japanese() or not _QUOTED.fullmatch(part):
        return part
    return format_html("<span{}>{}</span>", lang_of(part), part)


@register.filter
def wareki(value: object) -> SafeString:
    """令和8年11月22日(日) in a ``<time>``; a moment with its minutes."""
    if not isinstance(value, dt.date):
        return or_missing(value)
    iso = timezone.localtime(value) if isinstance(value, dt.datetime) and timezone.is_aware(value) else value
    stamp = iso.isoformat(timespec="seconds") if isinstance(iso, dt.datetime) else iso.isoformat()
    return format_html('<time datetime="{}">{}</time>', stamp, _moment_in_words(value))


@register.filter
def wareki_text(value: object) -> str:
    """The same as text alone."""
    return _moment_in_words(value) if isinstance(value, dt.date) else _("未記入")


@register.filter
def short_day(value: object) -> SafeString:
    """R8.11.22 where there is little room; the whole day in the title."""
    day = _day(value)
    if day is None:
        return or_missing(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', day.isoformat(), day_in_words(day), days.short_day(day)
    )


@register.filter
def fiscal_year(value: object) -> SafeString | str:
    """令和8年度 (fiscal 2026 in English) from the year in which it begins."""
    if isinstance(value, FiscalYear):
        return fiscal_year_in_words(value)
    return fiscal_year_in_words(FiscalYear(value)) if isinstance(value, int) else or_missing(value)


@register.filter
def ago(value: object) -> SafeString:
    """How long ago, in one unit; the moment itself in the title."""
    if not isinstance(value, dt.datetime):
        return wareki(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        timezone.localtime(value).isoformat(timespec="seconds"),
        _moment_in_words(value),
        in_one_unit(timezone.now() - value),
    )


def in_one_unit(passed: dt.timedelta) -> str:
    """たった今, 5分前, 3時間前, 2日前, 4か月前, 1年前."""
    minutes = int(passed.total_seconds() // 60)
    days = minutes // 1440
    if minutes < 1:
        return _("たった今")
    if minutes < 60:
        return ngettext("%(n)d分前", "%(n)d分前", minutes) % {"n": minutes}
    if days < 1:
        return ngettext("%(n)d時間前", "%(n)d時間前", minutes // 60) % {"n": minutes // 60}
    if days < 60:
        return ngettext("%(n)d日前", "%(n)d日前", days) % {"n": days}
    if days < 730:
        return ngettext("%(n)dか月前", "%(n)dか月前", days // 30) % {"n": days // 30}
    return ngettext("%(n)d年前", "%(n)d年前", days // 365) % {"n": days // 365}


@register.filter
def time_left(job: Any) -> str:
    """How long a running job will still take, from its own pace; nothing while that cannot be said."""
    started = getattr(job, "started_at", None)
    if not started or not job.done or not job.total or job.is_over or job.done >= job.total:
        return ""
    seconds = (timezone.now() - started).total_seconds() / job.done * (job.total - job.done)
    if seconds < 60:
        return _("あと1分かかりません")
    minutes = round(seconds / 60)
    return ngettext("あと約%(n)d分", "あと約%(n)d分", minutes) % {"n": minutes}


@register.filter
def percent_done(job: Any) -> int:
    """0 to 100."""
    return min(100, job.done * 100 // job.total) if job.total else 0


@register.filter
def yen(value: object) -> str:
    """1,234,000円."""
    return money.yen_in_words(value) if isinstance(value, int) else _("未記入")


@register.filter
def thousand_yen(value: object) -> str:
    """1,234千円 with the yen in the title."""
    if not isinstance(value, int):
        return _("未記入")
    return format_html(
        '<span title="{}">{}</span>', money.yen_in_words(value), money.thousands_in_words(value)
    )


@register.filter
def count(value: object, unit: str = "") -> str:
    """1,234件."""
    number = value if isinstance(value, int) else len(value) if hasattr(value, "__len__") else 0
    return f"{number:,}{unit or pgettext('数える言葉', '件')}"


@register.filter
def business_days_left(value: object) -> SafeString | str:
    """あと3営業日(11月26日)."""
    day, today = _day(value), timezone.localdate()
    if day is None:
        return _("期限なし")
    words = _deadline_in_words(business_days_until(day, today=today), day, today)
    return format_html('<time datetime="{}" title="{}">{}</time>', day.isoformat(), day_in_words(day), words)


def _deadline_in_words(left: int, day: dt.date, today: dt.date) -> str:
    if day == today:
        return _("今日まで")
    if (day - today).days > 365:
        return _("%(day)sまで") % {"day": day_in_words(day)}
    facts = {"n": abs(left), "day": _("%(month)d月%(day)d日") % {"month": day.month, "day": day.day}}
    if day < today and not left:
        # A Friday's deadline on the Sunday after: late, but no business day has passed.
        return _("期限を過ぎています(%(day)s)") % {"day": facts["day"]}
    if day < today:
        return (
            ngettext(
                "期限から%(n)d営業日過ぎています(%(day)s)",
                "期限から%(n)d営業日過ぎています(%(day)s)",
                abs(left),
            )
            % facts
        )
    return ngettext("あと%(n)d営業日(%(day)s)", "あと%(n)d営業日(%(day)s)", left) % facts


@register.simple_tag
def share(part: int, whole: int) -> str:
    """60.0%(3/5); with nothing to divide by: 該当なし(0/0)."""
    if not whole:
        return _("該当なし(%(part)s/0)") % {"part": f"{part or 0:,}"}
    return f"{part / whole * 100:.1f}%({part:,}/{whole:,})"


@register.filter
def highlight(text: object, words: object) -> SafeString:
    """The escaped text with the words marked."""
    wanted = words.split() if isinstance(words, str) else list(words) if isinstance(words, Iterable) else []
    found = sorted({str(word) for word in wanted if str(word).strip()}, key=len, reverse=True)
    if not found:
        return escape(str(text))
    parts = re.split("(" + "|".join(re.escape(word) for word in found) + ")", str(text), flags=re.IGNORECASE)
    pieces = (
        (format_html("<mark>{}</mark>", part) if n % 2 else escape(part),) for n, part in enumerate(parts)
    )
    return format_html_join("", "{}", pieces)


@register.filter
def or_missing(value: object) -> SafeString:
    """The value, or 未記入 when there is none; zero is a value."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return format_html('<span class="missing">{}</span>', _("未記入"))
    return format_html("{}", value)


@register.filter
def fault_in_words(fault: Any, name: str) -> str:
    """The column or the reason of a fault, just found or kept, in the language of the reader."""
    return Fault.in_words(fault, name) if isinstance(fault, Mapping) else str(getattr(fault, name))


@register.filter
def prose(text: object) -> SafeString:
    """Typed text: paragraphs and line breaks kept, addresses made links, all else escaped."""
    plain = str(text or "").strip().replace("\r\n", "\n")
    if not plain:
        return or_missing("")
    paragraphs = re.split(r"\n{2,}", plain)
    linked = (
        (mark_safe(urlize(part, nofollow=True, autoescape=True).replace("\n", "<br>")),)  # noqa: S308
        for part in paragraphs
    )
    return format_html_join("\n", "<p>{}</p>", linked)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative icon, in the colour of the words beside it."""
    return icons.icon(name)


TONE_ICONS = {"positive": "check", "info": "info", "neutral": "dot", "warning": "warning", "danger": "error"}


@register.simple_tag
def tone_icon(tone: str, name: str = "") -> SafeString:
    """The icon of a tone unless another is named."""
    return icons.icon(name or TONE_ICONS.get(tone, "dot"))


@register.simple_tag(takes_context=True)
def record_panels(context: template.RequestContext, record: str, instance: object) -> SafeString:
    """What later rooms show on this record's page, each under its title."""
    request = context["request"]
    filled = panels.record_panels(record, getattr(request, "user", AnonymousUser()), instance)
    pieces = ((_framed(panel, f"panel-{n}", instance, request),) for n, panel in enumerate(filled, 1))
    return format_html_join("\n", "{}", pieces)


def _framed(panel: panels.Filled, key: str, instance: object, request: HttpRequest) -> SafeString:
    body = render_to_string(panel.template, {**panel.context, "record": instance}, request)
    if not body.strip():
        return SafeString("")
    return render_to_string(
        "enishi/_record_panel.html", {"title": panel.title, "body": body, "id": key}, request
    )


@register.simple_tag(takes_context=True)
def render_panel(context: template.RequestContext, panel: panels.Filled) -> SafeString:
    """A filled panel, with its own facts and nothing of the page around it."""
    return render_to_string(panel.template, dict(panel.context), context["request"])


@register.simple_tag(takes_context=True)
def address_with(context: template.Context, **changes: Any) -> str:
    """The address of this page with some parameters changed (``None`` takes one away)."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def other_parameters(context: template.Context, *names: str) -> list[tuple[str, str]]:
    """The address's parameters except ``names``, to be carried along as hidden inputs."""
    query = context["request"].GET
    return [(name, value) for name, values in query.lists() if name not in names for value in values]


@register.filter
def labelled_errors(form: Any) -> list[tuple[str, str, str]]:
    """(id to jump to, label, sentence) of every error of a form, in the order of its fields."""
    found = [("", "", sentence) for sentence in form.non_field_errors()]
    for bound in form:
        target = bound.auto_id if not bound.use_fieldset else f"{bound.auto_id}_0"
        if not bound.is_hidden:
            found += [(target, str(bound.label), sentence) for sentence in bound.errors]
        else:
            found += [("", "", sentence) for sentence in bound.errors]
    return found


@register.filter
def all_errors(forms: Any) -> list[tuple[str, str, str]]:
    """The same for one form or for a formset's forms together."""
    if forms is None or forms == "":
        return []
    if not hasattr(forms, "forms"):
        return labelled_errors(forms) if forms.is_bound else []
    whole = [("", "", sentence) for sentence in forms.non_form_errors()]
    return whole + [error for form in forms.forms for error in labelled_errors(form)]
