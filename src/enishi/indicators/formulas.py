"""Formulas over data elements: 「[人口] ÷ 1000」, read by a small parser of our own and computed exactly (M3).

Grammar: sums of products of numbers, element codes and parentheses. Codes with signs in them stand in brackets:
``[A-01]``. Nothing else is possible: no names, no calls.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from enishi.engines import progress
from enishi.engines.core import InvalidInputError

LONGEST, DEEPEST = 300, 30
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|\[(?P<bracket>[^\[\]]{1,40})\]|(?P<name>[^\W\d][\w.]*)|(?P<sign>[-+*/()]))"
)
_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "ー": "ー", "［": "[", "］": "]"})


class FormulaError(ValueError):
    """The formula cannot be read or computed; the sentence says where and why."""


@dataclass(frozen=True)
class Quantity:
    """A number or a missing one, with its unit where it still has one."""

    value: Fraction | progress.Missing
    unit: str | None = None


@dataclass(frozen=True)
class Node:
    """An operation with its parts, a number, or the code of an element."""

    sign: str
    parts: tuple["Node", ...] = ()
    number: Decimal = Decimal(0)
    code: str = ""


def parse(text: str) -> Node:
    """Read a formula.

    >>> sorted(codes_of(parse("([A-01] + 出生数) ÷ 2")))
    ['A-01', '出生数']

    Raises
    ------
    FormulaError
    """
    plain = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    if len(plain) > LONGEST:
        raise FormulaError(_("式は300文字までで書いてください。"))
    reader = _Reader(_tokens(plain))
    node = reader.sum(0)
    if reader.left:
        raise FormulaError(
            _("式の「%(where)s」のところが読めません。+ − × ÷ と括弧、データ項目のコード、数だけが使えます。")
            % {"where": reader.left[0].text}
        )
    return node


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def _tokens(plain: str) -> list[_Token]:
    found: list[_Token] = []
    position = 0
    while plain[position:].strip():
        match = _TOKEN.match(plain, position)
        if match is None:
            raise FormulaError(
                _(
                    "式の「%(where)s」のところが読めません。+ − × ÷ と括弧、データ項目のコード、数だけが使えます。"
                )
                % {"where": plain[position:].strip()[:10]}
            )
        kind = match.lastgroup or ""
        found.append(_Token("name" if kind == "bracket" else kind, match[kind].strip()))
        position = match.end()
    return found


class _Reader:
    """Reads one token after the other; depth is limited so that no text can exhaust the stack."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.left = tokens

    def _take(self, *signs: str) -> str:
        if self.left and self.left[0].kind == "sign" and self.left[0].text in signs:
            return self.left.pop(0).text
        return ""

    def sum(self, depth: int) -> Node:
        node = self.product(depth)
        while sign := self._take("+", "-"):
            node = Node(sign, (node, self.product(depth)))
        return node

    def product(self, depth: int) -> Node:
        node = self.part(depth)
        while sign := self._take("*", "/"):
            node = Node(sign, (node, self.part(depth)))
        return node

    def part(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise FormulaError(_("式の括弧が深すぎます。"))
        if self._take("-"):
            return Node("-", (Node("number"), self.part(depth + 1)))
        if self._take("("):
            node = self.sum(depth + 1)
            if not self._take(")"):
                raise FormulaError(_("式の括弧「)」が足りません。"))
            return node
        if not self.left or self.left[0].kind == "sign":
            raise FormulaError(_("式が途中で終わっています。数かデータ項目のコードが要ります。"))
        token = self.left.pop(0)
        if token.kind == "number":
            return Node("number", number=Decimal(token.text))
        return Node("code", code=token.text)


def codes_of(node: Node) -> set[str]:
    """The codes of the elements in it."""
    found = {node.code} if node.code else set()
    for part in node.parts:
        found |= codes_of(part)
    return found


def evaluate(node: Node, values: Mapping[str, Quantity]) -> Quantity:
    """Compute exactly. What is missing makes the result missing, with the name of what is; so does a zero below the line.

    >>> evaluate(parse("A / B"), {"A": Quantity(Fraction(1), "人"), "B": Quantity(Fraction(3), "人")}).value
    Fraction(1, 3)

    Raises
    ------
    FormulaError
        If a sum adds what is not the same quantity (M8), or an element is unknown.
    """
    if node.sign == "number":
        return Quantity(Fraction(node.number))
    if node.sign == "code":
        if node.code not in values:
            raise FormulaError(_("データ項目「%(code)s」がありません。") % {"code": node.code})
        found = values[node.code]
        if isinstance(found.value, progress.Missing):
            return Quantity(progress.Missing(f"{node.code}: {found.value.reason}"), found.unit)
        return found
    left, right = (evaluate(part, values) for part in node.parts)
    if node.sign in "+-":
        return _added(left, right, node.sign)
    return _multiplied(left, right, node.sign)


def _added(left: Quantity, right: Quantity, sign: str) -> Quantity:
    right = _in_unit_of(left, right)
    if isinstance(left.value, progress.Missing):
        return left
    if isinstance(right.value, progress.Missing):
        return right
    return Quantity(
        left.value + right.value if sign == "+" else left.value - right.value, left.unit or right.unit
    )


def _in_unit_of(left: Quantity, right: Quantity) -> Quantity:
    if not left.unit or not right.unit:
        return right
    value = right.value
    try:
        converted = progress.convert(
            Fraction(1) if isinstance(value, progress.Missing) else value, unit=right.unit, to=left.unit
        )
    except InvalidInputError as refused:
        raise FormulaError(
            _("「%(right)s」と「%(left)s」は同じ量ではないので、足し引きできません。")
            % {"right": right.unit, "left": left.unit}
        ) from refused
    return right if isinstance(value, progress.Missing) else Quantity(converted, left.unit)


def _multiplied(left: Quantity, right: Quantity, sign: str) -> Quantity:
    if isinstance(left.value, progress.Missing):
        return Quantity(left.value)
    if isinstance(right.value, progress.Missing):
        return Quantity(right.value)
    if sign == "/" and right.value == 0:
        return Quantity(progress.Missing(str(progress.Because.ZERO_DENOMINATOR)))
    return Quantity(left.value * right.value if sign == "*" else left.value / right.value)
