"""Italian dates as they are written: 7 dicembre 2026, not 07 dicembre 2026."""

DATE_FORMAT = "j F Y"
