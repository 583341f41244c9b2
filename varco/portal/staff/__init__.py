"""The operators' pages: the review queue, one review, all applications, and the acts on one (S11, S16).

`review` shows the evidence beside the decision. Approval and rejection are asked once more on a page of their own,
for neither can be taken back; whatever would refuse them refuses before that page. `views` has the queue, the search,
and suspension, restoration and the PKCE exception.

Words: *findings* are what `registry.lint` noticed; *reasons* are the codes of `registry.reasons` for sending back.
"""
