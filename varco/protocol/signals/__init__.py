"""Shared signals: what an application is told of the people who gave it access (OpenID Shared Signals Framework 1.0).

events.py   the events and the tokens that carry them; streams.py   what a receiver may set of its stream; polling.py   fetching
(RFC 8936); pushing.py   what the answers to a push mean (RFC 8935); metadata.py   the document that says where all of it is.
"""
