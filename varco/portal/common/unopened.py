"""What cannot be opened under the master keys of this server."""


class FactorUnopenedError(Exception):
    """A second factor was sealed under a master key that this server does not have."""
