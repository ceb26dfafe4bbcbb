from django.db import models
from django.utils.translation import gettext_lazy as _


class AnswerStatus(models.TextChoices):
    """How far an answer has come on its way to residents."""

    DRAFT = "draft", _("下書き")
    WAITING = "waiting", _("承認待ち")
    APPROVED = "approved", _("承認済み")
    WITHDRAWN = "withdrawn", _("取り下げ")


class SpokenLanguage(models.TextChoices):
    """Languages an answer can be had in. やさしい日本語 is one of its own."""

    JAPANESE = "ja", _("日本語")
    EASY = "ja-easy", _("やさしい日本語")
    ENGLISH = "en", _("英語")
    CHINESE = "zh", _("中国語")
    KOREAN = "ko", _("韓国語")
    VIETNAMESE = "vi", _("ベトナム語")


class Channel(models.TextChoices):
    """Where a question was asked."""

    CONCIERGE = "concierge", _("住民の窓口")
    STAFF = "staff", _("庁内")


class Outcome(models.TextChoices):
    """What became of a question."""

    APPROVED = "approved", _("承認済み回答で答えた")
    EXTRACTED = "extracted", _("資料の文で答えた")
    GENERATED = "generated", _("生成した文で答えた")
    REFUSED = "refused", _("該当する資料なし")
    PERSON = "person", _("個人についての質問")
    ABUSE = "abuse", _("答えない言葉")
    EMPTY = "empty", _("空の質問")


class Helpful(models.TextChoices):
    YES = "yes", _("役に立った")
    NO = "no", _("役に立たなかった")


class ClusterStatus(models.TextChoices):
    OPEN = "open", _("未対応")
    ANSWERED = "answered", _("回答を作った")
    LEFT = "left", _("対応しない")


class ModelKind(models.TextChoices):
    GENERATOR = "generator", _("文の生成")
    TRANSLATOR = "translator", _("翻訳")
    RERANKER = "reranker", _("並べ替え")
    EMBEDDER = "embedder", _("意味の読み取り")


class ImportStatus(models.TextChoices):
    LOOKED_AT = "looked_at", _("確認中")
    DONE = "done", _("取り込み済み")
