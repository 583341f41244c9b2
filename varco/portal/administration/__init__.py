"""The operators' pages about people and the platform: accounts, clinics, what takes two of them, the audit, the upkeep.

`users`, `tenants` and `proposals` act, each act after a page of its own and with a reason (`varco.people` decides); `audit`
searches; `platform` shows roles, settings, mail, keys and upkeep, of which mail and keys can be acted on.
"""
