"""No model at all: what is offered where nobody has set one up. Everything else works without it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from enishi.language.errors import NotConfiguredError
from enishi.language.ports import FloatArray, TextLanguage, WritingTask, Written


class NullReranker:
    """Leaves texts in the order they came."""

    name = "null"

    def scores(self, query: str, texts: Sequence[str]) -> FloatArray:
        return -np.arange(len(texts), dtype=np.float32)


class NullGenerator:
    name = "null"
    writes_freely = False

    def write(self, task: WritingTask) -> Written:
        raise NotConfiguredError(
            "文を書くモデルが設定されていません。資料の文を選んで示す方法は、設定がなくても使えます。"
        )


class NullTranslator:
    name = "null"

    def translate(self, text: str, *, to: TextLanguage) -> Written:
        raise NotConfiguredError("翻訳のモデルが設定されていません。訳文は職員が書いて承認すると使われます。")
