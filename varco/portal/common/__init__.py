"""What the areas of the portal share.

`page` declares a view: role, methods, and what becomes of a service's refusal. `request` types what the middleware
puts on a request. `forms` answers a form: 422 with the faults beside the fields, 409 where things changed meanwhile,
nothing typed lost; `handed_back` does the same for a form whose sender is signed out by then.

`consent` and `ineligible` word an application's request and what keeps a person from granting it; `fault_words` and
`finding_words` word the codes of the registry; `registration_display` and `registration_difference` show applications,
revisions and what a change changes. `sign_in` knows when and how the person signed in, `attempts` how often they tried;
`parameters`, `redirects` and `language` read a request of OAuth, send a browser on and remember its language.

Words: the *stamp* of a page says what it was made from; a form with an old one changes nothing.
"""
