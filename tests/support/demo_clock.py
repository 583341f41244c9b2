"""The clock of a demo, moved on by the command for it; such a demo is a test's own, as the clock cannot go back."""

import datetime as dt
import time
from zoneinfo import ZoneInfo

from tests.support.demo_server import Demo

CLINIC = ZoneInfo("Europe/Rome")


class DemoClock:
    """The clock of a demo, moved on by the command for it."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._ahead = 0
        self._today = dt.datetime.now(CLINIC).date()

    def move_to(self, day: int, hour: int, minute: int) -> None:
        """Move it on to a time of the clinic so many days from the first one."""
        at = dt.datetime.combine(self._today + dt.timedelta(days=day), dt.time(hour, minute), CLINIC)
        steps = -int((time.time() + self._ahead - at.timestamp()) // 60)  # minutes, the last one whole
        self._ahead += steps * 60
        served = ("--port", str(self._demo.port), "--data", str(self._demo.directory / "data"))
        moved = self._demo.varco("demo", "--clock", f"+{steps}m", *served)
        assert moved.returncode == 0, moved.stderr
        time.sleep(1.1)  # the server looks at it once a second
