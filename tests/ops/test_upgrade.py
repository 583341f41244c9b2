"""An upgrade without a pause: the last release's servers go on answering on this version's schema, until this one's replace them."""

from pathlib import Path

from tests.support import previous_release
from tests.support.commands import Databases, Server, varco


def test_the_last_release_serves_on_this_schema_and_this_version_goes_on_with_its_data(
    engine: str, tmp_path: Path
) -> None:
    code = previous_release.unpack(tmp_path / "code")
    data, manifest = tmp_path / "data", tmp_path / "manifest.json"
    with Databases(engine, tmp_path, migrated=data) as databases:
        demo = ["demo", "--data", str(data), "--port", "PORT", "--manifest", str(manifest)]
        with Server(*demo, log=tmp_path / "before.log", code=code, drain="", **databases.settings) as before:
            told = varco("tour", "--manifest", str(manifest), code=code, drain="")
            assert told.returncode == 0, told.stdout + before.log()
            assert before.stop() == 0
        with Server(*demo, log=tmp_path / "after.log", port=str(before.port), **databases.settings) as after:
            told = varco("tour", "--manifest", str(manifest))
            assert told.returncode == 0, told.stdout + after.log()
            assert after.answers("/readyz")
