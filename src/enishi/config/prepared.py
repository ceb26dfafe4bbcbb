"""Whether everything stands ready for this version: a mark beside the data, read and written without starting Django."""

import hashlib
from importlib.metadata import version
from pathlib import Path

from enishi.config import settings

MARK = settings.DATA_FOLDER / ".prepared"


def is_prepared() -> bool:
    """Whether this very version prepared this very database and its files before."""
    database = Path(settings.DATA_FOLDER / "enishi.sqlite3")
    stands = bool(settings.DATABASE_URL) or database.exists()
    return (
        stands
        and Path(settings.STATIC_ROOT).is_dir()
        and MARK.is_file()
        and MARK.read_text("utf-8") == _wanted()
    )


def note() -> None:
    MARK.write_text(_wanted(), "utf-8")


def newest_style() -> int:
    """When a style, script or picture of the package was last changed, in nanoseconds."""
    folders = Path(settings.PACKAGE_FOLDER).glob("*/static")
    return max((path.stat().st_mtime_ns for folder in folders for path in folder.rglob("*")), default=0)


def _wanted() -> str:
    """The version, its migrations, the age of its styles and the database's address, as one number."""
    folder = Path(settings.PACKAGE_FOLDER)
    migrations = sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/migrations/*.py"))
    told = "\n".join([version("enishi"), *migrations, str(newest_style()), settings.DATABASE_URL])
    return hashlib.sha256(told.encode()).hexdigest()
