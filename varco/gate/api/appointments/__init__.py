"""Appointments: found, read and booked. What becomes of them later are the acts of `appointment_acts`."""
