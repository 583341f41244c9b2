"""What the upkeep of `varco serve` did when: mail, logout notices, the calendar of keys, sweeping.

A `Step` is something done every so often, and when it was last done; a `Run` is one that changed something, or failed.
"""
