"""Integrator users: temporary users of one clinic, whom its manager asks for and the vendor's support grants (S25, S26, S40).

The flow: a manager asks (`services.request`), support grants or refuses (`services.granting`), the invitation goes out on the
first day, its reader accepts it and becomes a member of the clinic for that time (`services.accepting`), switched on once they
have a second factor. What they may do is the membership's, which the gate reads as everybody's: permissions, end and the one
application, if it is for one alone. The end holds at the gate by the membership's date; `schedule` then tidies up, warns
beforehand, notices who does nothing, and has the manager confirm everybody again. `confirmations` does that for connected applications.

Words: an *access* is one integrator user's time at one clinic, from the request on; its *ceiling* are the permissions given for it;
its *report* says what was done with it.
"""
