"""Treatments of the clinic: what it does for its patients, how long each takes, and in which agendas."""
