"""Finding documents: from files without a database, and bringing folders of documents in."""

import sys
import time
from pathlib import Path

import click

from enishi.config.cli import set_up_django


@click.command("retrieve")
@click.option(
    "--documents",
    required=True,
    type=click.Path(path_type=Path),
    help="JSON Lines(id, text, あれば title)。",
)
@click.option(
    "--queries",
    required=True,
    type=click.Path(path_type=Path),
    help="JSON Lines(id, text)。",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="書き出す順位表(TREC run形式)。",
)
@click.option(
    "--top", default=100, show_default=True, type=click.IntRange(1, 10_000), help="質問ごとの件数。"
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, dir_okay=False),
    help="途中の控え。途切れても続きから始められる。",
)
@click.option(
    "--threads", default=2, show_default=True, type=click.IntRange(1, 64), help="同時に読む文書の数。"
)
def retrieve_command(
    documents: Path, queries: Path, out: Path, top: int, cache: Path | None, threads: int
) -> None:
    """文書と質問のファイルから、質問ごとに答えの載る文書を順に並べる。データベースはいらない。"""
    from enishi.knowledge.retrievalfile import RetrievalFileError, retrieve_files

    begun = time.monotonic()
    with click.progressbar(length=1000, label="読んでいます", file=sys.stderr) as bar:
        try:
            outcome = retrieve_files(
                documents,
                queries,
                out,
                top=top,
                cache=cache,
                threads=threads,
                progress=lambda done, total: bar.update(round(1000 * done / max(total, 1)) - bar.pos),
            )
        except RetrievalFileError as error:
            raise click.ClickException(str(error)) from error
    for sentence in outcome.sentences:
        click.echo(sentence, err=True)
    click.echo(
        f"書き出しました: {out}(文書{outcome.documents:,}件、質問{outcome.questions:,}件、{time.monotonic() - begun:.0f}秒)",
        err=True,
    )


@click.command("import-documents")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--collection", required=True, help="入れる資料集の名前か番号。")
@click.option("--as", "email", required=True, help="取り込む人のメールアドレス(その人の権限で取り込む)。")
@click.option("--later", is_flag=True, help="裏方(worker)に任せて、すぐに終わる。")
def import_documents_command(folder: Path, collection: str, email: str, later: bool) -> None:
    """フォルダーの中の資料を、下のフォルダーも含めて取り込む。途中で止めても、もう一度実行すれば続きから進む。"""
    set_up_django()
    from django.utils import timezone

    from enishi.accounts.models import Person
    from enishi.knowledge.documents import readings
    from enishi.knowledge.documents.access import collection_access

    person = Person.objects.filter(email=email.lower(), is_active=True).first()
    if person is None:
        raise click.ClickException(f"{email} という利用者はいません。")
    rows = collection_access.writable(person)
    named = rows.filter(pk=int(collection)) if collection.isdigit() else rows.filter(name=collection)
    found = list(named.order_by("pk")[:2])
    if len(found) != 1:
        names = "、".join(f"{row.pk} {row.name}" for row in rows.order_by("pk")[:10]) or "なし"
        raise click.ClickException(
            f"資料集「{collection}」が一つに決まりません。{email} が書ける資料集: {names}"
        )
    if later:
        readings.start_folder(folder=folder.resolve(), collection=found[0], person=person, at=timezone.now())
        click.echo("裏方に任せました。進み具合は「処理」の画面で見られます。")
        return
    with click.progressbar(length=1000, label="取り込んでいます", file=sys.stderr) as bar:
        outcome = readings.import_folder(
            folder,
            collection=found[0],
            person=person,
            progress=lambda done, total, _message="": bar.update(
                round(1000 * done / max(total, 1)) - bar.pos
            ),
        )
    for sentence in outcome["failed"]:
        click.echo(sentence, err=True)
    if outcome["left_out"]:
        told = "、".join(
            f"{ending or '種類の名前なし'} {count:,}件" for ending, count in outcome["left_out"].items()
        )
        click.echo(f"文書ではない種類なので入れていないファイル: {told}", err=True)
    click.echo(
        f"加えた資料 {outcome['added']:,}件、すでにある資料 {outcome['same']:,}件、読めない資料 {outcome['failed_count']:,}件"
    )
