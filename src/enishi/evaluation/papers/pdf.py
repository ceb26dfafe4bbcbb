"""A paper as PDF on A4, set by the same printer as every other document of the product."""

import json
from collections.abc import Iterable, Iterator, Sequence

from enishi.evaluation.papers.composing import Paper, Part
from enishi.foundation.printing import pdf_from_typst

SHORT = 14
"""Letters of a cell that is never torn: a day, an amount, a grade in words."""


def pdf_of(papers: Sequence[Paper]) -> bytes:
    """Some papers in one file, each beginning on a new page."""
    source = "".join(_source(papers))
    return pdf_from_typst(
        source, title=papers[0].title if len(papers) == 1 else f"{papers[0].title} {len(papers)}"
    )


def _source(papers: Sequence[Paper]) -> Iterator[str]:
    yield '#set page(paper: "a4", margin: (x: 14mm, y: 13mm))\n#set text(size: 8.5pt)\n'
    yield "#set par(leading: 0.55em, spacing: 0.6em, justify: false)\n"
    yield (
        "#show heading.where(level: 2): it => block(above: 0.9em, below: 0.45em, sticky: true, "
        "stroke: (left: 2.5pt + luma(90)), inset: (left: 4pt, y: 1pt), text(9.5pt, it.body))\n"
    )
    yield "#show heading.where(level: 1): it => block(below: 0.4em, text(13pt, it.body))\n"
    for number, paper in enumerate(papers):
        yield "#pagebreak()\n" if number else ""
        whose = _words(f"{paper.title}　{paper.name}")
        yield (
            f"#set page(footer: context text(7pt)[{_words(paper.foot)} #h(1fr) {whose} #counter(page).display()])\n"
        )
        yield from _paper(paper)


def _paper(paper: Paper) -> Iterator[str]:
    yield f"= {_words(paper.title)}\n{_words(paper.subtitle)}\n\n#text(11pt)[{_words(paper.name)}]\n"
    for part in paper.parts:
        yield f"== {_words(part.title)}\n"
        if part.grid:
            yield _grid(part)
        if part.rows:
            yield _table(part)
        if part.texts:
            yield _texts(part.texts)


def _grid(part: Part) -> str:
    """Label and value, two pairs in a line where they are short."""
    wide = any(len(value) > 28 for _label, value in part.grid)
    columns = "(28mm, 1fr)" if wide else "(28mm, 1fr, 28mm, 1fr)"
    cells = [
        f"table.cell(fill: luma(242))[{_words(label)}], [{_words(value)}]," for label, value in part.grid
    ]
    if not wide and len(part.grid) % 2:
        cells.append("table.cell(fill: luma(242))[], [],")
    return f"#table(columns: {columns}, inset: 3.5pt, stroke: 0.4pt,\n{''.join(cells)})\n"


def _table(part: Part) -> str:
    widths = _widths(part)
    align = ", ".join("right" if column in part.numeric else "left" for column in range(len(part.headings)))
    head = "".join(f"table.cell(fill: luma(242), align: left)[{_words(each)}]," for each in part.headings)
    body = "".join(_row(row, part) for row in part.rows)
    return (
        f"#table(columns: ({', '.join(widths)}), inset: 3.5pt, stroke: 0.4pt, align: ({align}),\n"
        f"table.header({head}),\n{body})\n"
    )


def _row(row: Iterable[str], part: Part) -> str:
    fill = "fill: luma(250)" if part.quiet else ""
    return "".join(f"table.cell({fill})[{_words(cell)}]," for cell in row) + "\n"


def _widths(part: Part) -> list[str]:
    """Columns of short words as wide as those, so that no day or amount is torn; the others share the rest."""
    lines = [
        [line for row in [part.headings, *part.rows] for line in row[column].split("\n")]
        for column in range(len(part.headings))
    ]
    longest = [max(map(len, each), default=1) for each in lines]
    if max(longest) <= SHORT:
        return [f"{max(length, 5)}fr" for length in longest]
    return ["auto" if length <= SHORT else f"{min(length, 40)}fr" for length in longest]


def _texts(texts: Iterable[tuple[str, str]]) -> str:
    cells = "".join(
        f"table.cell(fill: luma(242))[{_words(label)}], [{_words(text)}]," for label, text in texts
    )
    return f"#table(columns: (28mm, 1fr), inset: 3.5pt, stroke: 0.4pt,\n{cells})\n"


def _words(text: str) -> str:
    """What somebody typed, as strings of Typst: it never becomes markup."""
    lines = str(text).replace("\t", "\u3000").split("\n")
    return "#linebreak()".join(f"#{json.dumps(line, ensure_ascii=False)}" for line in lines if line)
