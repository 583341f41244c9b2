"""The proof: chains linked, signed, walked and cut; packs of records for an incident, and the chain of evidence of an application (S42).

The flow: the upkeep of `varco serve` calls `upkeep.link_rows` every two seconds and `upkeep.tend_chains` every ten minutes, which signs each
chain's head once a day and removes what is over. `verification.verify` walks chains. `pack` writes the records of a person, an application
or a clinic as one signed file, which `pack_check` verifies offline. `evidence` tells how an application came to a clinic's data.

What a chain is stands in `varco.chains`; whose rows they are, in `varco.audit` and `varco.clinical.access`.
"""
