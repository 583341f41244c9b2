"""Logging as it was before a test: whoever configures it, such as a command or another program run in this process, does so for all."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept() -> Iterator[None]:
    """Give every logger that is there its level, handlers and place back, and switch those on that were."""
    known = [
        logging.root,
        *(found for found in logging.root.manager.loggerDict.values() if isinstance(found, logging.Logger)),
    ]
    before = [(one, one.level, one.disabled, one.propagate, one.handlers[:]) for one in known]
    yield
    for one, level, disabled, propagate, handlers in before:
        if one.level != level:
            one.setLevel(level)  # it empties what loggers remember of levels
        one.disabled, one.propagate, one.handlers[:] = disabled, propagate, handlers
