"""What a rule says of a form: met, not met, or not readable, with the reason and the place. Pure: no database, no clock."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import translation

from enishi.foundation import money, wareki
from enishi.foundation.days import day_in_words
from enishi.foundation.forms import shortened
from enishi.foundation.sentences import Sentence
from enishi.foundation.sentences import gettext as _
from enishi.knowledge.checks.enums import RuleKind, Severity, Verdict

_BLANK = frozenset({"", "-", "‐", "―", "ー", "–", "—", "/", "...", "…"})
_PRINTED = re.compile(
    r"明治|大正|昭和|平成|令和|西暦|年度|千円|から|まで|[明大昭平令年月日時分円人名件回歳才〒印㊞様殿・~/()（）-]"
)
"""What forms have printed in a field before anybody writes: 「令和 年 月 日」, 「円」, 「㊞」."""
_LONGEST_PRINTED = 20
_BOX = re.compile(r"[□☐☑☒■✓✔]")
_TICKED = re.compile(r"[☑☒■✓✔]|(?:^|[\s□])レ(?=\s)")
_TICKED_CHOICE = re.compile(r"[☑☒■✓✔]\s*([^□☐☑☒■✓✔\n]+)")
_NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?")
_SOLEMN = re.compile(r"^金\s*(.+?)\s*(?:円)?(?:也|なり)?$")
_ASIDE = re.compile(r"^(.+?)\([^()]*\)$")
_NOTHING = frozenset({"なし", "無し", "無", "ナシ", "該当なし"})
_UNITS = re.compile(r"(円|人|名|件|回|日|歳|才|㎡|m2|平方メートル|%|パーセント|枚|台|世帯|か所|時間)$")


@dataclass(frozen=True)
class Value:
    """What stands in one field of a form, and where: a cell, a row of a table, a page."""

    text: str
    place: str = ""


@dataclass(frozen=True)
class Form:
    """A form as it was read. ``passages`` is its whole text with places, for rules about words."""

    values: Mapping[str, Value]
    passages: Sequence[Value] = ()
    attachments: Sequence[str] = ()


@dataclass(frozen=True)
class Rule:
    """One line of a checklist. What ``other``, ``low``, ``high`` and ``words`` mean depends on the kind."""

    name: str
    kind: str
    field: str = ""
    other: str = ""
    low: str = ""
    high: str = ""
    words: tuple[str, ...] = ()
    severity: str = Severity.MUST.value
    hint: str = ""
    when_field: str = ""
    when_value: str = ""

    @classmethod
    def read(cls, stored: Mapping[str, object]) -> "Rule":
        known = {name: stored[name] for name in cls.__dataclass_fields__ if name in stored}
        words = known.pop("words", ())
        listed = tuple(str(word) for word in words) if isinstance(words, list | tuple) else ()
        return cls(**{name: str(value) for name, value in known.items()}, words=listed)

    def stored(self) -> dict[str, object]:
        return {**self.__dict__, "words": list(self.words)}


@dataclass(frozen=True)
class Finding:
    """What one rule found. ``quote`` is what stood there."""

    rule: str
    verdict: str
    reason: str
    place: str = ""
    quote: str = ""
    severity: str = Severity.MUST.value
    hint: str = ""
    field: str = ""


@dataclass(frozen=True)
class _Found:
    verdict: Verdict
    reason: str
    value: Value = field(default_factory=lambda: Value(""))


def fields_of(rules: Sequence[Rule]) -> list[str]:
    """The fields a checklist reads, in order of first use."""
    names: list[str] = []
    for rule in rules:
        several = rule.words if rule.kind == RuleKind.SUM else ()
        names += [name for name in (rule.field, rule.other, rule.when_field, *several) if name]
    return list(dict.fromkeys(names))


def evaluate(rules: Sequence[Rule], form: Form) -> list[Finding]:
    """What each rule that applies to this form found, in order. Nothing is decided here."""
    return [
        _finding(rule, _CHECKS[RuleKind(rule.kind)](rule, form)) for rule in rules if _applies(rule, form)
    ]


def _finding(rule: Rule, found: _Found) -> Finding:
    return Finding(
        rule=rule.name,
        verdict=found.verdict.value,
        reason=found.reason,
        place=found.value.place,
        quote=shortened(found.value.text, 120),
        severity=rule.severity,
        hint=rule.hint,
        field=rule.field,
    )


def _applies(rule: Rule, form: Form) -> bool:
    if not rule.when_field:
        return True
    value = form.values.get(rule.when_field, Value(""))
    if not rule.when_value:
        return not is_blank(value.text)
    return same(ticked(value.text), rule.when_value)


def is_blank(text: str) -> bool:
    """Nothing was written: neither words nor a tick, only what is printed on the form.

    >>> [is_blank(text) for text in ("令和  年  月  日", "□新規 □継続", "     円", "㊞", "令和8年 月 日")]
    [True, True, True, True, False]
    """
    written = plain(text)
    if written in _BLANK or (len(written) <= _LONGEST_PRINTED and not _PRINTED.sub("", written)):
        return True
    return "□" in written and not _TICKED.search(written) and written.startswith("□")


def ticked(text: str) -> str:
    """What is ticked of several choices in one cell; a text without boxes as it is.

    >>> ticked("□ 新規  ☑ 継続")
    '継続'
    """
    if not _TICKED.search(text) or not _BOX.search(text):
        return text
    chosen = [match.group(1).strip(" ・、/") for match in _TICKED_CHOICE.finditer(text)]
    return "・".join(each for each in chosen if each) or text


def plain(text: str) -> str:
    """The text without spaces and differences of width."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def same(left: str, right: str) -> bool:
    """Whether two fields say the same: as days, as numbers, or letter by letter without spaces."""
    days = (day_of(left), day_of(right))
    if None not in days:
        return days[0] == days[1]
    numbers = (number_of(left), number_of(right))
    if None not in numbers:
        return numbers[0] == numbers[1]
    return plain(left) == plain(right)


def day_of(text: str) -> dt.date | None:
    try:
        return wareki.read(text)
    except wareki.UnreadableDateError:
        return None


def number_of(text: str) -> float | int | None:
    """The number a person wrote: 1,200 / 3万円 / 12人 / 0.5 / 金300,000円也; 「なし」 is nothing."""
    text = _SOLEMN.sub(r"\1", _ASIDE.sub(r"\1", plain(text)))
    if text in _NOTHING:
        return 0
    written = _UNITS.sub("", text)
    if _NUMBER.fullmatch(written):
        number = written.replace(",", "")
        return float(number) if "." in number else int(number)
    try:
        return money.read(text)
    except money.UnreadableAmountError:
        return None


def _value(rule: Rule, form: Form, name: str = "") -> Value:
    return form.values.get(name or rule.field, Value(""))


def _unwritten(rule: Rule, form: Form, name: str = "") -> _Found | None:
    """What to say of a field that is not there or empty; ``None`` when something is written."""
    name = name or rule.field
    if name not in form.values:
        return _Found(Verdict.UNREAD, _("「%(field)s」の欄が見つかりません。") % {"field": name})
    value = form.values[name]
    if is_blank(value.text):
        return _Found(Verdict.NOT_MET, _("「%(field)s」に何も書かれていません。") % {"field": name}, value)
    return None


def _present(rule: Rule, form: Form) -> _Found:
    missing = _unwritten(rule, form)
    if missing is not None:
        return missing
    value = _value(rule, form)
    return _Found(Verdict.MET, _("「%(field)s」が書かれています。") % {"field": rule.field}, value)


def _date_between(rule: Rule, form: Form) -> _Found:
    missing = _unwritten(rule, form)
    if missing is not None:
        return missing
    value = _value(rule, form)
    day = day_of(value.text)
    if day is None:
        return _unreadable_day(value)
    low, high = day_of(rule.low), day_of(rule.high)
    if low is not None and day < low:
        return _Found(
            Verdict.NOT_MET,
            _("%(day)sは、%(limit)sより前です。") % {"day": day_in_words(day), "limit": day_in_words(low)},
            value,
        )
    if high is not None and day > high:
        return _Found(
            Verdict.NOT_MET,
            _("%(day)sは、%(limit)sより後です。") % {"day": day_in_words(day), "limit": day_in_words(high)},
            value,
        )
    return _Found(Verdict.MET, _("%(day)sは期間の中です。") % {"day": day_in_words(day)}, value)


def _unreadable_day(value: Value) -> _Found:
    sentence = _("「%(written)s」は日付として読めません。") % {"written": shortened(value.text)}
    return _Found(Verdict.UNREAD, sentence, value)


def _date_order(rule: Rule, form: Form) -> _Found:
    missing = _unwritten(rule, form) or _unwritten(rule, form, rule.other)
    if missing is not None:
        return missing
    first, second = _value(rule, form), _value(rule, form, rule.other)
    begins, ends = day_of(first.text), day_of(second.text)
    if begins is None or ends is None:
        return _unreadable_day(first if begins is None else second)
    days = (ends - begins).days
    if days < 0:
        sentence = _("「%(other)s」(%(ends)s)が「%(field)s」(%(begins)s)より前です。")
        return _Found(Verdict.NOT_MET, sentence % _pair(rule, begins, ends), second)
    most = number_of(rule.high) if rule.high else None
    if most is not None and days > most:
        sentence = _("「%(field)s」から「%(other)s」まで%(days)d日あり、%(most)d日を超えています。")
        return _Found(
            Verdict.NOT_MET, sentence % {**_pair(rule, begins, ends), "days": days, "most": most}, second
        )
    sentence = _("「%(field)s」から「%(other)s」まで%(days)d日です。")
    return _Found(Verdict.MET, sentence % {**_pair(rule, begins, ends), "days": days}, second)


def _pair(rule: Rule, begins: dt.date, ends: dt.date) -> dict[str, object]:
    return {
        "field": rule.field,
        "other": rule.other,
        "begins": day_in_words(begins),
        "ends": day_in_words(ends),
    }


def _number_between(rule: Rule, form: Form) -> _Found:
    missing = _unwritten(rule, form)
    if missing is not None:
        return missing
    value = _value(rule, form)
    number = number_of(value.text)
    if number is None:
        return _unreadable_number(value)
    low, high = number_of(rule.low), number_of(rule.high)
    said = {"number": f"{number:,}", "low": rule.low, "high": rule.high}
    if low is not None and number < low:
        return _Found(Verdict.NOT_MET, _("%(number)sは、%(low)sより小さい数です。") % said, value)
    if high is not None and number > high:
        return _Found(Verdict.NOT_MET, _("%(number)sは、%(high)sより大きい数です。") % said, value)
    return _Found(Verdict.MET, _("%(number)sは範囲の中です。") % said, value)


def _unreadable_number(value: Value) -> _Found:
    sentence = _("「%(written)s」は数として読めません。") % {"written": shortened(value.text)}
    return _Found(Verdict.UNREAD, sentence, value)


def _choice(rule: Rule, form: Form) -> _Found:
    missing = _unwritten(rule, form)
    if missing is not None:
        return missing
    value = _value(rule, form)
    value = Value(ticked(value.text), value.place)
    if any(same(value.text, word) for word in rule.words):
        return _Found(Verdict.MET, _("決められた言葉のどれかです。"), value)
    sentence = _("「%(written)s」は、%(choices)sのどれでもありません。")
    said = {
        "written": shortened(value.text),
        "choices": _listed("・", (f"「{word}」" for word in rule.words)),
    }
    return _Found(Verdict.NOT_MET, sentence % said, value)


def _agree(rule: Rule, form: Form) -> _Found:
    missing = _unwritten(rule, form) or _unwritten(rule, form, rule.other)
    if missing is not None:
        return missing
    first, second = _value(rule, form), _value(rule, form, rule.other)
    is_same = same(first.text, second.text)
    said = {
        "field": rule.field,
        "other": rule.other,
        "left": shortened(first.text),
        "right": shortened(second.text),
        "place": second.place or _("同じ用紙"),
    }
    wanted = rule.kind == RuleKind.AGREE
    if is_same:
        sentence = _("「%(field)s」と「%(other)s」は同じ「%(left)s」です。")
    else:
        sentence = _("「%(field)s」は「%(left)s」、「%(other)s」(%(place)s)は「%(right)s」です。")
    return _Found(Verdict.MET if is_same == wanted else Verdict.NOT_MET, sentence % said, first)


def _sum(rule: Rule, form: Form) -> _Found:
    missing = _unwritten(rule, form)
    if missing is not None:
        return missing
    value = _value(rule, form)
    total = number_of(value.text)
    if total is None:
        return _unreadable_number(value)
    parts: list[float | int] = []
    for name in rule.words:
        if name not in form.values:
            return _Found(Verdict.UNREAD, _("「%(field)s」の欄が見つかりません。") % {"field": name})
        part = form.values[name]
        number = 0 if is_blank(part.text) else number_of(part.text)
        if number is None:
            return _unreadable_number(part)
        parts.append(number)
    reckoned = sum(parts)
    said = {"parts": " + ".join(f"{part:,}" for part in parts), "sum": f"{reckoned:,}", "total": f"{total:,}"}
    if reckoned == total:
        return _Found(Verdict.MET, _("%(parts)s = %(sum)s で、合っています。") % said, value)
    return _Found(
        Verdict.NOT_MET, _("%(parts)s = %(sum)s ですが、%(total)s と書かれています。") % said, value
    )


def _length(rule: Rule, form: Form) -> _Found:
    missing = _unwritten(rule, form)
    if missing is not None:
        return missing
    value = _value(rule, form)
    count = len(value.text.strip())
    low, high = number_of(rule.low), number_of(rule.high)
    said = {"count": count, "low": rule.low, "high": rule.high}
    if low is not None and count < low:
        return _Found(Verdict.NOT_MET, _("%(count)d文字しかありません(%(low)s文字以上)。") % said, value)
    if high is not None and count > high:
        return _Found(Verdict.NOT_MET, _("%(count)d文字あります(%(high)s文字まで)。") % said, value)
    return _Found(Verdict.MET, _("%(count)d文字です。") % said, value)


def _words(rule: Rule, form: Form) -> _Found:
    if rule.field:
        missing = _unwritten(rule, form)
        if missing is not None:
            return missing
    places = [_value(rule, form)] if rule.field else list(form.passages)
    stands = {word: _place_of(word, places) for word in rule.words}
    absent = [word for word, place in stands.items() if place is None]
    first = next((place for place in stands.values() if place is not None), Value(""))
    if absent:
        sentence = _("次の言葉が見当たりません: %(words)s")
        return _Found(
            Verdict.NOT_MET, sentence % {"words": _listed("、", (f"「{word}」" for word in absent))}, first
        )
    sentence = _("次の言葉があります: %(words)s")
    return _Found(
        Verdict.MET, sentence % {"words": _listed("、", (f"「{word}」" for word in rule.words))}, first
    )


def _no_words(rule: Rule, form: Form) -> _Found:
    places = [_value(rule, form)] if rule.field else list(form.passages)
    for word in rule.words:
        place = _place_of(word, places)
        if place is not None:
            return _Found(Verdict.NOT_MET, _("「%(word)s」と書かれています。") % {"word": word}, place)
    said = {"words": _listed("、", (f"「{word}」" for word in rule.words))}
    return _Found(Verdict.MET, _("次の言葉はありません: %(words)s") % said)


def _listed(mark: str, words: Iterable[str]) -> Sentence:
    """Words one after the other, parted as the reader's language parts them."""
    told = list(words)
    return Sentence(lambda: translation.gettext(mark).join(told))


def _place_of(word: str, places: Sequence[Value]) -> Value | None:
    wanted = plain(word)
    return next((place for place in places if wanted in plain(place.text)), None)


def _attachment(rule: Rule, form: Form) -> _Found:
    """``words``: parts of the name; ``other``: endings such as .pdf; ``low``: how many at least."""
    endings = tuple(
        part if part.startswith(".") else f".{part}" for part in rule.other.lower().replace("、", " ").split()
    )
    fitting = [
        name
        for name in form.attachments
        if (not rule.words or any(plain(word) in plain(name) for word in rule.words))
        and (not endings or name.lower().endswith(endings))
    ]
    least = int(number_of(rule.low) or 1)
    said = {
        "count": len(fitting),
        "least": least,
        "names": _listed("、", (shortened(name) for name in fitting[:5])),
    }
    if len(fitting) >= least:
        return _Found(
            Verdict.MET,
            _("添付が%(count)d個あります: %(names)s") % said,
            Value(said["names"] if isinstance(said["names"], str) else ""),
        )
    wanted = _listed("・", [*rule.words, *endings]) if rule.words or endings else _("添付")
    sentence = _("合う添付は%(count)d個です(%(least)d個必要)。探したもの: %(wanted)s")
    return _Found(Verdict.NOT_MET, sentence % {**said, "wanted": wanted})


_CHECKS: dict[RuleKind, Callable[[Rule, Form], _Found]] = {
    RuleKind.PRESENT: _present,
    RuleKind.DATE_BETWEEN: _date_between,
    RuleKind.DATE_ORDER: _date_order,
    RuleKind.NUMBER_BETWEEN: _number_between,
    RuleKind.CHOICE: _choice,
    RuleKind.AGREE: _agree,
    RuleKind.DIFFER: _agree,
    RuleKind.SUM: _sum,
    RuleKind.LENGTH: _length,
    RuleKind.WORDS: _words,
    RuleKind.NO_WORDS: _no_words,
    RuleKind.ATTACHMENT: _attachment,
}
