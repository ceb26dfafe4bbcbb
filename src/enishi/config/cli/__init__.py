"""The command ``enishi``: everything the person who looks after the server does.

Exit codes: 0 done · 1 refused or failed, the sentence says why · 2 wrong words on the command line.
"""

import errno
import importlib
import os
import sys

import click

from enishi.config.environment import ConfigurationError

_DISK_REFUSES = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS}

_COMMANDS = {
    "setup": "server",
    "run": "server",
    "worker": "server",
    "migrate": "server",
    "upgrade": "server",
    "createadmin": "people",
    "import": "data",
    "export": "data",
    "match": "data",
    "reindex": "data",
    "seed": "data",
    "read-policy": "reading",
    "recompute": "recomputing",
    "progress": "vectors",
    "schemes": "schemes",
    "retrieve": "finding",
    "import-documents": "finding",
    "backup": "care",
    "restore": "care",
    "verify": "care",
    "doctor": "care",
}


class Commands(click.Group):
    """Loads a command's module only when it is called: ``enishi match`` needs no database, and --help no Django."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"enishi.config.cli.{_COMMANDS[cmd_name]}")
        command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="enishi")
def cli() -> None:
    """縁(えにし): 自治体と相手先をつなぎ、成果まで追う。"""


def set_up_django() -> None:
    """Load the rooms. A wrong setting is a sentence, not a traceback."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enishi.config.settings")
    try:
        django.setup()
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from error


def main() -> None:
    """Run one command. A database that does not answer is a sentence, too, and so is a disk that takes nothing."""
    try:
        cli.main(args=sys.argv[1:], prog_name="enishi")
    except ConfigurationError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        if error.errno not in _DISK_REFUSES:
            raise
        place = error.filename or "データフォルダー"
        click.echo(
            f"{place} に書けません({error.strerror})。空き容量と書き込みの許しを確かめてください。", err=True
        )
        sys.exit(1)
    except Exception as error:
        if type(error).__module__ != "django.db.utils" or type(error).__name__ != "OperationalError":
            raise
        sentence = (
            f"データベースが応えません({error})。"
            "データフォルダーの空き容量と書き込みの許し(PostgreSQLなら ENISHI_DATABASE_URL)を確かめてください。"
            "enishi doctor で詳しく診られます。"
        )
        if "locked" in str(error):
            sentence = "ほかの処理が書き込んでいて、順番が回ってきませんでした。少し待って、もう一度実行してください。"
        click.echo(sentence, err=True)
        sys.exit(1)
