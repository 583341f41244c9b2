"""Rules of agendas: when something can be booked, and what may become of an appointment. Pure: no clock, no database.

`local_days` turns the hours of a clinic's day into instants, `availability` finds what is free, `states` says which moves an
appointment may make, `instants` reads and writes moments with their offset.
"""
