"""Data in and out, matching of files, and indexes."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from enishi.config.cli import set_up_django

if TYPE_CHECKING:
    from enishi.config.nation import Vectors


@click.command("match")
@click.option("--challenges", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--resources", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="書き出すCSV。")
@click.option("--top", default=20, show_default=True, type=click.IntRange(1, 1_000), help="課題ごとの件数。")
@click.option("--explain", is_flag=True, help="理由(why)も書く。")
def match_command(challenges: Path, resources: Path, out: Path, top: int, explain: bool) -> None:
    """課題の表と資源の表(CSV・xlsx・JSON Lines)を照合する。データベースはいらない。"""
    from enishi.exchange.matchfile import MatchFileError, match_files

    try:
        match_files(challenges, resources, out, top=top, explain=explain)
    except MatchFileError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"書き出しました: {out}", err=True)


@click.command("import")
@click.argument("kind", type=click.Choice(["challenges", "resources"]))
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--as", "email", required=True, help="取り込む人のメールアドレス(その人の権限で取り込む)。")
@click.option("--dry-run", is_flag=True, help="調べるだけで、取り込まない。")
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す。")
def import_command(kind: str, path: Path, email: str, dry_run: bool, as_json: bool) -> None:
    """課題か資源の表を取り込む。一つでも誤りがあれば何も取り込まない。"""
    set_up_django()
    from django.utils import timezone

    from enishi.accounts.models import Person
    from enishi.exchange.transfer import importing

    person = Person.objects.filter(email=email.lower(), is_active=True).first()
    if person is None:
        raise click.ClickException(f"{email} という利用者はいません。")
    with click.progressbar(length=100, label="読んでいます", file=sys.stderr) as bar:
        outcome = importing.import_file(
            kind=kind,
            content=path.read_bytes(),
            actor=person,
            at=timezone.now(),
            dry_run=dry_run,
            progress=lambda done, total, _message="": bar.update(round(100 * done / max(total, 1)) - bar.pos),
        )
    if as_json:
        click.echo(json.dumps(outcome.as_json(), ensure_ascii=False))
    else:
        for sentence in outcome.sentences():
            click.echo(sentence)
    if outcome.faults:
        raise click.exceptions.Exit(1)


@click.command("export")
@click.argument("kind", type=click.Choice(["challenges", "resources", "organizations"]))
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--as", "email", help="書き出す人のメールアドレス(無ければ公開の分だけ)。")
@click.option("--encoding", type=click.Choice(["utf-8-sig", "cp932"]), default="utf-8-sig", show_default=True)
def export_command(kind: str, path: Path, email: str | None, encoding: str) -> None:
    """一覧を .xlsx か .csv に書き出す。"""
    set_up_django()
    from django.contrib.auth.models import AnonymousUser

    from enishi.accounts.models import Person
    from enishi.exchange.transfer import exporting

    person = Person.objects.filter(email=email.lower(), is_active=True).first() if email else AnonymousUser()
    if person is None:
        raise click.ClickException(f"{email} という利用者はいません。")
    count = exporting.export_file(kind=kind, path=path, actor=person, encoding=encoding)
    click.echo(f"{count:,}件を書き出しました: {path}")


@click.command("reindex")
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す。")
def reindex_command(as_json: bool) -> None:
    """検索と照合の索引を作り直す。途中で止めても続きから作る。"""
    set_up_django()
    from enishi.config import startup

    counts = startup.rebuild_indexes(lambda line: click.echo(line, err=True))
    click.echo(json.dumps(counts) if as_json else "索引を作り直しました。")


@click.command("seed")
@click.option("--resources", default=1_000_000, show_default=True, type=click.IntRange(0))
@click.option("--challenges", default=100_000, show_default=True, type=click.IntRange(0))
@click.option("--seed", "number", default=1, show_default=True, help="同じ数なら同じデータになる。")
@click.option(
    "--vectors",
    type=click.Choice(["derived", "embedded", "none"]),
    default="derived",
    show_default=True,
    help="文章の意味: 見本の文章の意味を少しずらして使う・一件ずつ読む(全国では何日もかかる)・後に回す。",
)
@click.option("--yes", is_flag=True, help="たずねずに始める。")
def seed_command(resources: int, challenges: int, number: int, vectors: "Vectors", yes: bool) -> None:
    """測定のために全国規模のデータを作る(機械が組み立てた文。見本とは別)。"""
    set_up_django()
    from enishi.config import nation

    if not yes:
        click.confirm(f"資源 {resources:,}件・課題 {challenges:,}件を作ります。よろしいですか", abort=True)
    nation.generate(
        resources=resources,
        challenges=challenges,
        seed=number,
        vectors=vectors,
        tell=lambda line: click.echo(line, err=True),
    )
