"""Patients of the clinic: found, read, added and changed."""
