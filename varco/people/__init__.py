"""What is done to other people's accounts, clinics and memberships: by a command on the machine, or by somebody who may.

Accounts and clinics keep their own tables; this app's are the proposals that wait for a second operator. Each service is one
transaction with its record in the audit, and raises `Refused` with a code where something cannot be done. Whether the
caller may is the caller's to know, but for what a manager or an operator does: those services read it again themselves.

accounts.py   making, inviting, deactivating; invitations.py   the link to a first password; clinics.py   clinics and members
members.py    what a manager does to members; member_invitations.py   the link by which somebody joins a clinic
administration.py   what one operator does, with a reason; two_operators.py   what takes two
"""
