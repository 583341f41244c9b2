"""Patients who object to their expenses being told to Sistema TS, with history."""
