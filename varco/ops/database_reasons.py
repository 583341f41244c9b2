"""Why a database does not answer or cannot be written, in words with a cure; names no host, user or password."""

import re

# What SQLite and libpq say, and the words of PostgreSQL's own messages in English; `{setting}` is the variable's name.
_REASONS: tuple[tuple[str, str, str], ...] = (
    (r"password authentication failed|no password supplied", "the server refuses the password or the user", "correct it in {setting}"),
    (r'role "[^"]*" does not exist', "the server knows no such user", "correct it in {setting}, or make it with createuser"),
    (r'database "[^"]*" does not exist', "the server has no database of that name", "correct it in {setting}, or make it with createdb"),
    (r"pg_hba\.conf", "the server lets this user not in from here", "add a line to its pg_hba.conf"),
    (r"could not translate host name|failed to resolve host|Name or service not known|resolve", "its host is unknown", "correct the host in {setting}"),
    (r"Connection refused|No such file or directory", "the connection is refused, so nothing listens there", "start PostgreSQL, or correct host and port in {setting}"),
    (r"timeout|timed out|No route to host|unreachable", "its host gives no answer", "look at the host in {setting}, at the network and its firewalls"),
    (r"too many clients|remaining connection slots|too many connections", "the server has no connection left", "raise its max_connections, or lower VARCO_WORKERS"),
    (r"starting up|shutting down|in recovery mode", "the server is starting or stopping", "try again in a moment"),
    (r"certificate|SSL|TLS", "TLS to the server fails", "correct sslmode and sslrootcert in {setting}"),
    (r"attempt to write a readonly database", "it may only be read", "give file and directory to the user who runs this (chown), and mount their disk writable"),
    (r"unable to open database file", "the file cannot be opened", "give file and directory to the user who runs this (chown)"),
    (r"file is not a database|malformed", "the file is no sound SQLite database", "restore it from a backup"),
    (r"database or disk is full|No space left on device|could not extend file", "its disk is full", "make room"),
    (r"disk I/O error", "its disk refuses to write, or is full", "make room, and look at the disk (dmesg)"),
    (r"read-only transaction|read-only mode", "the server only reads, as a standby does", "name the primary in {setting}"),
    (r"permission denied", "the user may not write its tables", "grant SELECT, INSERT, UPDATE and DELETE on them"),
    (r"database is locked", "another process holds it", "stop what else writes to the file"),
)  # fmt: skip


def of(fault: Exception) -> tuple[str, str]:
    """The reason and the cure of what a database driver raised."""
    text = str(fault)
    for pattern, reason, cure in _REASONS:
        if re.search(pattern, text, re.IGNORECASE):
            return reason, cure
    return type(fault).__name__, "see its own log, and {setting}"
