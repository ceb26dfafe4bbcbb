"""Letting the first person in."""

import sys

import click

from enishi.config.cli import set_up_django


@click.command("createadmin")
@click.option("--email", prompt="メールアドレス", help="サインインに使うメールアドレス。")
@click.option("--name", prompt="氏名", help="表示する氏名。")
@click.option("--organization", "code", prompt="全国地方公共団体コード(6桁)", help="所属する自治体のコード。")
@click.option("--password-stdin", is_flag=True, help="合言葉を標準入力の1行目から読む。")
def createadmin_command(email: str, name: str, code: str, password_stdin: bool) -> None:
    """最初の管理者を登録する。"""
    set_up_django()
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.utils import timezone

    from enishi.organizations import services

    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("パスワード(12文字以上)", hide_input=True, confirmation_prompt=True)
    try:
        validate_password(password)
        person = services.create_first_administrator(
            email=email, name=name, organization_code=code, password=password, at=timezone.now()
        )
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    except services.FirstAdministratorRefusedError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{person.email} でサインインできます。")
