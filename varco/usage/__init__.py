"""What each application did, day by day: counted by the upkeep from what is recorded anyway, never by whoever answers a request.

The audit knows authorizations and first tokens, grants their refreshes, access records the calls, and the log of refused requests
the errors.
"""
