"""Clinic: the data of medical centres."""
