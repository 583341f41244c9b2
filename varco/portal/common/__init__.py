"""What the areas of the portal share.

`page` declares a view: role, methods, and what becomes of a service's refusal. `request` types what the middleware
puts on a request. `forms` answers a form: 422 with the faults beside the fields, 409 where things changed meanwhile,
nothing typed lost; `handed_back` does the same for a form whose sender is signed out by then.

`consent` and `barriers` word an application's request and what keeps a person from granting it;
`registration_display` shows applications, revisions and their timeline; `sign_in` knows when and how the person
signed in; `parameters`, `redirects` and `language` read a request of OAuth, send a browser on and remember its
language.

Words: the *stamp* of a page says what it was made from; a form with an old one changes nothing.
"""
