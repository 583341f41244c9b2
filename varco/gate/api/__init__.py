"""The API, version 2: operations on clinical data, each declared once.

A request comes to `endpoint` (through `gate.app`), which asks `checks` for its rights: token, limit, tenant, scope,
permission, ids, in this order; then the operation reads, or `writes` carries it out: `body`, `conditions` (ETag), `idempotency`,
one transaction with its audit row. `openapi` and `swagger` describe what there is.

- *call* (`calls`): what an operation is given, every right proven; it gives back a result, or the write that it plans.
- *declaration* (`operations`): method, path, resource, access, body, response; with the catalogue's scope and permission it
  is an *operation*. `resources` lists them all, in the order of the documents.
- a *resource* is a folder: `schema` (what programs see), `sql` (its statements), `operations`.
"""
