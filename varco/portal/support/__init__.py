"""The desk of the vendor's people: the inbox, one ticket with what is needed to decide it, and the developers that clinics introduced.

`views` has the inbox and who works a ticket, `ticket` one of them with answers, notes and the decision, `developers` the Developer role over
time: who introduced whom, who is invited, and its end (S7).

Words: the *turn* of a ticket is who has to act on it; its *clock* runs while that is support.
"""
