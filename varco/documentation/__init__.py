"""The documentation in the product: the pages of `docs/` as HTML, their sections for a search, and the meaning of each error code.

The flow: `pages` reads a Markdown file when it is first asked for and keeps what it became; `index` lists the pages as docs/index.md does, by whom they are
for; `sections` are what `searching` looks through; `errors` reads the tables of docs/errors.md, so that a code has a page of its own. `pages/` is `docs/`
itself, which a distribution carries along. Nothing here knows who reads; the portal shows it, at `/docs`.
"""
