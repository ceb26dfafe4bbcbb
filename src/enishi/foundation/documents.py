"""Word documents from templates that a municipality writes itself.

A template is a .docx with fields such as ``{{ 名称 }}``, ``{%p for 当事者 in 当事者一覧 %}`` … ``{%p endfor %}`` (whole
paragraphs) or ``{%tr for … %}`` (rows of a table). Only fields, choices and repetitions are understood: nothing in a
template can call, compute or reach anything that was not handed to it.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from docx.opc.exceptions import OpcError
from docx.opc.exceptions import PackageNotFoundError as NoPackageError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.exceptions import UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from enishi.foundation.forms import clean_text, shortened

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 40 * 1024 * 1024
MOST_RATIO = 200
MOST_PARTS = 1_000
MOST_FIELDS = 500
_FILTERS = frozenset({"default", "length", "join", "first", "last"})
_UNDERSTOOD = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.For,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Const,
    nodes.Filter,
    nodes.Test,
)
_PROPERTIES = ("author", "comments", "identifier", "language", "subject", "title")


class TemplateRefusedError(Exception):
    """The file cannot serve as a template; ``sentence`` says why and how to mend it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Checked:
    """What a template asks for. ``unused`` are the values it could have shown and does not."""

    used: tuple[str, ...]
    unused: tuple[str, ...]


class _Missing(StrictUndefined):
    """Says in our words which field of which row there is not."""

    @property
    def _undefined_message(self) -> str:
        name = shortened(str(self._undefined_name))
        if isinstance(self._undefined_obj, Mapping):
            known = _("、").join(str(key) for key in self._undefined_obj)
            return _("「%(name)s」という項目は一覧の行にありません。行で使えるのは %(known)s です") % {
                "name": name,
                "known": known,
            }
        return f"「{name}」"


class _Sandbox(ImmutableSandboxedEnvironment):
    """Understands nothing but fields; a missing one is an error, never a blank in a contract."""

    def __init__(self) -> None:
        super().__init__(undefined=_Missing, autoescape=True)
        self.filters = {name: self.filters[name] for name in _FILTERS}
        self.globals.clear()


def check_template(content: bytes, *, sample: Mapping[str, Any]) -> Checked:
    """Read a template as it is uploaded, fill it once with ``sample``, and say what it uses.

    ``sample`` holds a value for every variable there is (text, or lists of mappings).

    Raises
    ------
    TemplateRefusedError
        If the file is no Word document, is too large or swells, holds macros, embedded objects or parts fetched from
        elsewhere, has a broken field, something other than fields, or a variable we do not know.
    """
    _check_archive(content)
    used: set[str] = set()
    sandbox = _Sandbox()
    for source in _sources(content):
        used |= _variables(source, sandbox)
    unknown = sorted(used - set(sample))
    if unknown:
        raise TemplateRefusedError(
            _("知らない差し込み項目があります: %(names)s。使える項目の一覧と見くらべて直してください。")
            % {"names": _("、").join(f"「{shortened(name)}」" for name in unknown)}
        )
    text = plain_text(content)
    _refuse_other_marks(text)
    filled = fill_template(content, sample)
    left = next(iter(re.findall(r".{0,12}(?:\{\{|\}\}|\{%|%\}).{0,12}", plain_text(filled))), "")
    if left:
        raise TemplateRefusedError(
            _(
                "差し込みの印が片方だけ残っています: 「%(text)s」。「{{」と「}}」が対になっているか確かめてください。"
            )
            % {"text": shortened(left)}
        )
    if not used:
        raise TemplateRefusedError(
            _(
                "差し込み項目が一つもありません。このままでは、どの文書も同じ文面になります。「{{ 名称 }}」のように書いてください。"
            )
        )
    return Checked(tuple(sorted(used)), tuple(name for name in sample if name not in used))


def _refuse_other_marks(text: str) -> None:
    """Marks that somebody took for fields: braces as a Japanese keyboard types them, and Word's own mail merge."""
    wide = re.search(r"(?:｛[｛{%％]|[{]｛|{％).{0,30}", text)
    if wide:
        raise TemplateRefusedError(
            _(
                "差し込みの括弧が全角です: 「%(text)s」。半角の「{{」と「}}」(くり返しは「{%%」と「%%}」)に直してください。"
            )
            % {"text": shortened(wide.group(), 30)}
        )
    merge = re.search(r"«[^»]{1,40}»", text)
    if merge:
        raise TemplateRefusedError(
            _("Wordの差し込み印刷の項目は使えません: 「%(text)s」。「{{ 項目名 }}」と書き直してください。")
            % {"text": merge.group()}
        )


def fill_template(content: bytes, values: Mapping[str, Any]) -> bytes:
    """The document with every field filled in.

    Raises ``TemplateRefusedError`` when a field asks for something ``values`` does not hold.
    """
    template = _opened(content)
    try:
        template.render(_printable(values), jinja_env=_Sandbox(), autoescape=True)
    except UndefinedError as error:
        raise TemplateRefusedError(
            _("差し込み項目が見つかりません(%(why)s)。使える項目の一覧と見くらべて直してください。")
            % {"why": shortened(str(error), 160)}
        ) from error
    except (TemplateError, etree.XMLSyntaxError, ValueError, TypeError) as error:
        raise _broken(error) from error
    target = io.BytesIO()
    template.save(target)
    return target.getvalue()


def plain_text(content: bytes) -> str:
    """The words of a document, a paragraph a line, tables included."""
    body = _opened(content).get_docx().element.body
    return "\n".join(_said(paragraph.iter("{*}t")) for paragraph in body.iter("{*}p"))


def _said(pieces: Iterable[Any]) -> str:
    return "".join(piece.text or "" for piece in pieces)


def marks_in(content: bytes, mark: re.Pattern[str]) -> list[tuple[str, str]]:
    """Marks of a room's own, each with the words of its paragraph: for forms in which every place has a name."""
    _check_archive(content)
    texts = [_said(pieces) for pieces in _paragraphs(_opened(content).get_docx())]
    _refuse_other_marks("\n".join(texts))
    return [(found[1], text) for text in texts for found in mark.finditer(text)]


def fill_marks(content: bytes, mark: re.Pattern[str], answer: Callable[[str], str]) -> bytes:
    """The document with an answer in the place of each mark; letters keep the looks of the mark's first one."""
    document = _opened(content).get_docx()
    for pieces in _paragraphs(document):
        for found in reversed(list(mark.finditer(_said(pieces)))):
            _replace(pieces, found.start(), found.end(), clean_text(answer(found[1]), lines=True))
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _paragraphs(document: Any) -> Iterator[list[Any]]:
    """The pieces of text of each paragraph: a word may be spread over several, as Word saves it."""
    parts = [document.element.body]
    for section in document.sections:
        parts += [
            part._element
            for part in (
                *(section.header, section.first_page_header, section.even_page_header),
                *(section.footer, section.first_page_footer, section.even_page_footer),
            )
            if not part.is_linked_to_previous
        ]
    for part in parts:
        for paragraph in part.iter("{*}p"):
            yield [piece for piece in paragraph.iter("{*}t") if piece.prefix == "w"]


def _replace(pieces: Sequence[Any], start: int, end: int, answer: str) -> None:
    at, first = 0, True
    for piece in pieces:
        text, begin = piece.text or "", at
        at += len(text)
        if at <= start or begin >= end:
            continue
        before, after = text[: max(start - begin, 0)], text[max(end - begin, 0) :]
        lines = answer.split("\n") if first else [""]
        lines[0] = before + lines[0]
        lines[-1] += after
        first = False
        _write_lines(piece, lines)


def _write_lines(piece: Any, lines: Sequence[str]) -> None:
    """The lines into a piece of text, with a break of Word's own between them."""
    space, name = "{http://www.w3.org/XML/1998/namespace}space", piece.tag
    piece.text = lines[0]
    piece.set(space, "preserve")
    for line in reversed(lines[1:]):
        further = etree.Element(name)
        further.text = line
        further.set(space, "preserve")
        piece.addnext(further)
        piece.addnext(etree.Element(name.replace("}t", "}br")))


def _opened(content: bytes) -> Any:
    template = DocxTemplate(io.BytesIO(content))
    try:
        template.init_docx()
    except (
        OpcError,
        NoPackageError,
        KeyError,
        ValueError,
        zipfile.BadZipFile,
        etree.XMLSyntaxError,
    ) as error:
        raise _no_document() from error
    return template


def _no_document() -> TemplateRefusedError:
    return TemplateRefusedError(
        _("Wordの文書(.docx)として読めません。Wordで開き、「Word文書(.docx)」で保存し直してください。")
    )


def _check_archive(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise TemplateRefusedError(_("ひな形は5MBまでです。大きな画像を外して保存し直してください。"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_size(archive, len(content))
            _check_parts(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise _no_document() from error


def _check_size(archive: zipfile.ZipFile, packed: int) -> None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    swells = unpacked > 4_000_000 and unpacked > packed * MOST_RATIO
    if len(entries) > MOST_PARTS or unpacked > MOST_UNPACKED or swells:
        raise TemplateRefusedError(
            _("展開すると大きくなりすぎるため読みません。不要な画像や書式を消して保存し直してください。")
        )


def _check_parts(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if "[Content_Types].xml" not in names or "word/document.xml" not in names:
        raise _no_document()
    kinds = archive.read("[Content_Types].xml").lower()
    if b"macroenabled" in kinds or any("vbaproject" in name.lower() for name in names):
        raise TemplateRefusedError(
            _("マクロを含む文書(.docm など)は使えません。「Word文書(.docx)」で保存し直してください。")
        )
    if any(name.startswith(("word/embeddings/", "word/activeX/")) for name in names):
        raise TemplateRefusedError(
            _("別のファイル(Excelの表など)が埋め込まれています。図や表に置き換えて保存し直してください。")
        )
    for name in names:
        if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(name)[:4096]:
            raise _no_document()
        if name.endswith(".rels") and _reaches_out(archive.read(name)):
            raise TemplateRefusedError(
                _(
                    "外部のファイルを読みに行く部品(リンクされた画像やひな形)があります。外して保存し直してください。"
                )
            )


def _reaches_out(relations: bytes) -> bool:
    """Links that a reader may follow are fine; parts that Word would fetch by itself are not."""
    found = re.findall(rb"<Relationship\b[^>]*>", relations)
    return any(b'"External"' in each and b"/hyperlink" not in each for each in found)


def _sources(content: bytes) -> Iterator[str]:
    """Every piece of the document in which a field is filled: text, headers, footers, footnotes, properties."""
    template = _opened(content)
    yield template.patch_xml(template.get_xml())
    for uri in (template.HEADER_URI, template.FOOTER_URI):
        for _key, part in template.get_headers_footers(uri):
            yield template.patch_xml(template.get_part_xml(part))
    for part in template.get_docx().part.package.parts:
        if part.content_type.endswith("wordprocessingml.footnotes+xml"):
            yield template.patch_xml(part.blob.decode("utf-8"))
    for name in _PROPERTIES:
        yield str(getattr(template.get_docx().core_properties, name) or "")


def _variables(source: str, sandbox: _Sandbox) -> set[str]:
    try:
        tree = sandbox.parse(source)
    except TemplateSyntaxError as error:
        raise _broken(error, source) from error
    strange = next((node for node in tree.find_all(nodes.Node) if not _is_understood(node)), None)
    if strange is not None or sum(1 for _node in tree.find_all((nodes.For, nodes.If))) > MOST_FIELDS:
        raise TemplateRefusedError(
            _(
                "差し込みに使えない書き方があります(%(line)s)。使えるのは、項目名、if(場合分け)、for(くり返し)だけです。"
            )
            % {"line": _near(source, getattr(strange, "lineno", 1))}
        )
    return meta.find_undeclared_variables(tree) - {"loop"}


def _is_understood(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Filter):
        return node.name in _FILTERS
    if isinstance(node, nodes.Test):
        return node.name in {"defined", "none"}
    if isinstance(node, nodes.Getattr):
        return not node.attr.startswith("_")
    if isinstance(node, nodes.For):
        return isinstance(node.iter, nodes.Name | nodes.Getattr) and not node.recursive
    return isinstance(node, _UNDERSTOOD)


def _broken(error: Exception, source: str = "") -> TemplateRefusedError:
    line = getattr(error, "lineno", None)
    unclosed = re.search(r"'(endfor|endif)'", str(error))
    if unclosed:
        return TemplateRefusedError(
            _("閉じていないくり返しか場合分けがあります。「{%%p %(end)s %%}」を足してください。")
            % {"end": unclosed.group(1)}
        )
    return TemplateRefusedError(
        _("差し込み項目の書き方が壊れています(%(where)s)。「{{ 項目名 }}」の括弧と空白を確かめてください。")
        % {"where": _near(source, line) if source and line else shortened(str(error), 80)}
    )


def _near(source: str, line: int) -> str:
    """The words of the source's line, or the first field in it."""
    lines = source.splitlines() or [""]
    text = re.sub(r"<[^>]+>", "", lines[min(max(line, 1), len(lines)) - 1])
    fields = re.findall(r"\{[{%].{0,60}", text)
    return shortened(fields[0] if len(text) > 80 and fields else text or _("場所は分かりません"), 80)


def _printable(value: Any) -> Any:
    """Values as a document can hold them: no invisible characters, line breaks kept."""
    if isinstance(value, str):
        return clean_text(value, lines=True)
    if isinstance(value, Mapping):
        return {key: _printable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(each) for each in value]
    return value
