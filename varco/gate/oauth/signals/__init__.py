"""Shared signals: managing a stream and fetching its events, by the application itself (SSF 1.0 §8, RFC 8936).

metadata.py   where all of it is; caller.py   who asks: the client by its own credentials; streams.py   the configuration;
status.py   pausing and verifying; poll.py   fetching. What a grant's end by the gate tells is written by `varco.gate.grant_end`.
"""
