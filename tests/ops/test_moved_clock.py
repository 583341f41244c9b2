"""The demo's clock, moved on by a command while everything runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from varco import clock
from varco.ops.demo import moved_clock


@pytest.fixture(autouse=True)
def machine_clock() -> Iterator[None]:
    before = clock.installed()
    yield
    clock.install(before)


@pytest.mark.parametrize(
    ("step", "seconds"), [("+15d", 15 * 86400), ("+90m", 5400), ("+36h", 36 * 3600), ("+2w", 14 * 86400)]
)
def test_a_step_is_a_number_and_a_unit(step: str, seconds: int) -> None:
    assert moved_clock.parse(step) == seconds
    assert moved_clock.parse(f"+{moved_clock.worded(seconds).replace(' ', '')}") == seconds


@pytest.mark.parametrize("step", ["", "15d", "-15d", "+0d", "+1y", "+1.5d", "+1d2h", "+999999d", "+１d", "+1d\n+1d"])
def test_no_other_form_moves_it_and_none_goes_back(step: str) -> None:
    with pytest.raises(ValueError, match="never goes back"):
        moved_clock.parse(step)


def test_steps_add_up_and_whoever_follows_sees_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved_clock.follow(tmp_path)
    started = clock.now()
    monkeypatch.setattr(moved_clock, "_LOOK_EVERY", -1)
    assert moved_clock.move(tmp_path, 86400) == 86400
    assert moved_clock.move(tmp_path, 3600) == 90_000
    assert 0 <= clock.now() - started - 90_000 < 60
    with pytest.raises(ValueError, match="ten years"):
        moved_clock.move(tmp_path, 3660 * 86400)
    assert moved_clock.ahead(tmp_path) == 90_000


@pytest.mark.parametrize("content", ["", "x", "-5", "9" * 30])
def test_a_broken_file_takes_nobody_out_of_the_world(tmp_path: Path, content: str) -> None:
    (tmp_path / "demo-clock").write_text(content)
    assert 0 <= moved_clock.ahead(tmp_path) <= 3660 * 86400
