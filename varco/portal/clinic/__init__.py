"""The pages of a clinic's manager: its people, the applications that they use, what it says of itself (S19, S21, S39).

`views` lists applications and blocks and unblocks them; `people` lists members and invites, `person` changes one of them,
`settings` the clinic itself; `join` is the page of an invitation, open to whoever has its link. Acts are asked after a page
that says what stops or works again. The role `MANAGER` hands each view the one clinic that the person manages, so there is
no address that names another.

Words: a *use* is an application with the people of the clinic who have accepted it (`grants.application_usage`); a person is
*switched off* at the clinic by its manager, their account *locked* by an operator.
"""
