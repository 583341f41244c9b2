"""`varco backup` and `varco restore`: the three databases and the attachments of tickets into a directory and back, while servers work; never the master key.

The clinics' databases are taken before the platform's: an act recorded in one of them is carried over into the audit, once,
however often that is tried; taken the other way round it could be missing in both copies.
"""
