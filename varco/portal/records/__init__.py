"""The pages for whoever reads a clinic's records: its managers and its data protection officer (S39, S41).

`log` is the access log with its filters and its export; `questions` are those of patients who ask who has seen their data, with the answer as
PDF and CSV; `evidence` shows how an application came to the clinic's data. The role `RECORDS` hands each view the one clinic of the
person, so there is no address that names another. No page shows data of a patient: they have numbers here.
"""
