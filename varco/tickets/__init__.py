"""The support desk: tickets of people and clinics, their threads and attachments, and what approving one does (S7, S25).

A *ticket* is of a *kind*, and `kinds` is the one table that declares them: who may open one, its form, its checks, who sees it,
who decides, and the act on approval. A kind plugs in with one declaration there and its words in the portal
(`portal/common/ticket_words.py`); no other place asks which kind a ticket is.

A ticket is open (it waits for the vendor's people), waiting (for whoever asked, or for a proof of the clinic's manager) or closed.
`access` knows on which side a person stands to a ticket, and everybody else gets a `Denied`. `services/` are the acts, each one
transaction that locks the ticket, compares its version where two could decide at once, moves, writes and records. `queries` reads,
`words` is the search, `files` keeps attachments, `content` says what may be one, `activations` is the Developer role as it was
asked for, given and taken (S7).
"""
