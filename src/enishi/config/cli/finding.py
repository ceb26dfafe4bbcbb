"""Finding documents: from files without a database, and bringing folders of documents in."""

import sys
import time
from pathlib import Path

import click


@click.command("retrieve")
@click.option(
    "--documents",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="JSON Lines(id, text, あれば title)。",
)
@click.option(
    "--queries",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
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
