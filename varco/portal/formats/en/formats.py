"""English as the rest of Europe reads it: 24 November 2026, not Nov. 24, 2026."""

DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "d/m/Y"
FIRST_DAY_OF_WEEK = 1
