"""What is done to other people's accounts, clinics and memberships: by a command on the machine, or by somebody who may.

No tables of its own: accounts and clinics keep theirs. Each service is one transaction with its record in the audit, and
raises `Refused` with a code where something cannot be done. Whether the caller may is the caller's to know.

accounts.py   making, inviting, deactivating; invitations.py   the link to a first password; clinics.py   clinics and members
"""
