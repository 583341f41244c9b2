"""The last release, from its wheel in `tests/ops/previous`: its migrations, and its code to run beside this one's databases."""

import re
import zipfile
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "ops/previous"


def wheel() -> Path:
    """The one wheel there is; RELEASING.md says who puts it there."""
    (found,) = FOLDER.glob("*.whl")
    return found


def version() -> str:
    return wheel().name.split("-")[1]


def unpack(directory: Path) -> Path:
    """Its code in a directory, to stand first on a path of modules."""
    with zipfile.ZipFile(wheel()) as archive:
        archive.extractall(directory)
    return directory


def migrations() -> frozenset[tuple[str, str]]:
    """Folder of the app, and name of the migration."""
    with zipfile.ZipFile(wheel()) as archive:
        found = (re.fullmatch(r"varco/(\w+)/migrations/(\d\w+)\.py", name) for name in archive.namelist())
        return frozenset((match[1], match[2]) for match in found if match)
