"""Access records: who has seen and changed what of a clinic, through which application (S41).

The flow: the gate writes a record for each request for clinical data, before its answer (`varco.gate.audit`). When a record is linked into
the chain of its clinic (`chain`), its patients are entered into an index. `records` finds them by person, patient, application and time,
without counting or passing over what it does not show. `questions` are those of patients about them.
"""
