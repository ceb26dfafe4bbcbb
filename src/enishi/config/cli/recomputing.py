"""Recomputing a published number: no database, no settings, nothing but the files that anybody can download."""

import json
from pathlib import Path

import click


@click.command("recompute")
@click.argument("measure", required=False)
@click.option("--year", "year_text", help="年度(2026、令和8年度)。一つの年度しかなければ省ける。")
@click.option(
    "--data",
    "place",
    type=click.Path(path_type=Path),
    default=Path("published"),
    show_default=True,
    help="公開データのフォルダーかzip。",
)
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す。")
def recompute_command(measure: str | None, year_text: str | None, place: Path, as_json: bool) -> None:
    """公開データから反映率・見直し率などを計算しなおす。MEASUREを省くと、計算できる数字の一覧を出す。"""
    from enishi.evaluation.published.answers import as_plain
    from enishi.evaluation.published.measures import MEASURES, recompute
    from enishi.evaluation.published.reading import PublishedDataError, open_data, read_year

    if measure is None:
        for each in MEASURES:
            own = f"。{each.table.key}.csv を自分で用意したとき" if each.table.is_brought else ""
            click.echo(f"{each.name}(--year は{each.year_means or '要りません'}{own})")
        return
    year = read_year(year_text) if year_text else None
    if year_text and year is None:
        raise click.ClickException(
            f"「{year_text}」は年度として読めません。2026 か 令和8年度 のように書いてください。"
        )
    try:
        data = open_data(place)
        answer = recompute(measure, data, year=year)
    except PublishedDataError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if as_json:
        click.echo(json.dumps(as_plain(answer, data), ensure_ascii=False, indent=1))
        return
    from enishi.evaluation.published.report import lines

    for line in lines(answer, data):
        click.echo(line)
