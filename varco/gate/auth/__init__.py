"""Authentication at the gate: clients, bearer tokens, proofs of possession, and the keys that say who signed."""
