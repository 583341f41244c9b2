"""The incident pack: every record of one person, application or clinic in a time, as one signed file, for an operator (S36)."""
