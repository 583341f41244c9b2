"""The pages of a clinic's manager: the applications that its people use, and the block of one for the clinic (S19, S21).

`views` lists them and blocks and unblocks, each after a page that says what stops or works again. The role `MANAGER`
hands each view the one clinic that the person manages, so there is no address that names another.

Words: a *use* is an application with the people of the clinic who have accepted it (`grants.application_usage`).
"""
