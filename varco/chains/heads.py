"""Signed heads of chains, as the walk and the cut need to know them. Who signs and stores them is `varco.proof`."""

from typing import NamedTuple


class Head(NamedTuple):
    """A place of a stream that was signed. `cut`: what stood up to there was removed. `fault`: why the signature is not good."""

    seq: int
    digest: bytes
    cut: bool = False
    fault: str = ""
