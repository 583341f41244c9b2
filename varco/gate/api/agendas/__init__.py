"""Agendas of the clinic: the calendars that appointments are booked in."""
