"""Chains: rows that prove themselves (S42). Each row carries a digest over its words and the digest of the row before it.

The flow: a row is written by its act, without place in a chain. Shortly after, `linking.link` gives the rows that are committed
their places (`seq`, without gaps, from 1) and digests, stream by stream. `verifying.verify` walks a stream and names the first row
that was altered, removed, inserted or moved. `cutting.cut` removes the oldest rows of a stream up to a signed place.

Words: a *kind* is a table of such rows (`kinds.ChainedKind`); a *stream* is one chain in it, such as a clinic's; its *state* is the
place and digest of the last linked row; a *head* is a state that was signed. The digests are HMACs under a key of the installation
(`varco.audit.chain_key`): whoever has the databases alone can make none. Which tables there are, `varco.proof` says.
"""
