"""Measuring the gate: `python -m bench`, or `make bench`."""
