"""The developer's pages: registering an application, its revisions, secrets, clinics, and what was refused to it.

`views.pages` shows (the list, one application, refused requests); `views.editing` has the forms and the submission;
`views.secrets` and `views.tenants` what needs no review. `forms` only parse; what is right or wrong is decided by
`registry.validation` and told by `registry.services`. `access.own_application` is the one way to an application:
anybody else's is a 404. `samples` fills the quick start.

Words: a *registration* is what is reviewed, a *revision* one version of it, the *details* what changes without
review.
"""
