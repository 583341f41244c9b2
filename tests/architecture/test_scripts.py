"""The scripts of the portal stand beside each other on one page, in one scope."""

import re
from collections import Counter

from tests.support import source

DECLARED = re.compile(r"^(?:const|let|var|class|(?:async )?function) (?:(\w+)|\{([^}]*)\}|\[([^\]]*)\])", re.MULTILINE)


def test_no_two_scripts_declare_the_same_name() -> None:
    """The second of them would not run at all."""
    scripts = [path for path in source.files() if path.suffix == ".js" and "static" in path.parts]
    assert len(scripts) > 3
    names = Counter(
        name.strip()
        for path in scripts
        for found in DECLARED.findall(path.read_text("utf-8"))
        for name in ",".join(filter(None, found)).split(",")
    )
    assert [name for name, times in names.items() if times > 1] == []
