"""Pages of teams (S15, S45): who owns applications together, invitations, and applications that change hands.

`views` lists teams and shows one; `members` invites, changes roles and removes; `joining` is where a mailed link leads; `transfers`
offers an application to another team and answers such an offer. To whoever is no member a team does not exist.
"""
