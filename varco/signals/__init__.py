"""Shared signals: an application's stream, and the events that wait in it (OpenID Shared Signals Framework 1.0).

models.py     `Stream`, one an application at most, and `Signal`, one event for one stream.
services.py   setting a stream up, pausing and removing it, asking for a verification event, by its developer; forgetting events.
causes.py     writing events, in the transaction of what caused them. Who is to be told of what is decided by whoever knows the cause.
worker.py     pushing (RFC 8935). Fetching (RFC 8936), and managing a stream by the application itself, is the gate's.

*Delivered* kinds are those of the events asked for that there are. An event *waits* until it was taken, refused or grew old.
"""
