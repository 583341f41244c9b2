"""Holds: a slot that is kept for five minutes, while a patient decides."""
