"""Lint of a registration: what is allowed but unwise, for its developer and, graded, for its reviewer (S14).

Each rule is a function from a `LintInput` to findings; `RULES` of each module are the list, and everybody reads the outcome by grade.
Findings are codes with parameters; the portal words them (`portal.common.finding_words`).
"""

from varco.registry.lint import addresses, contents, names
from varco.registry.lint.model import Finding, FindingCode, Grade, LintInput, Neighbour

__all__ = ["Finding", "FindingCode", "Grade", "LintInput", "Neighbour", "findings"]


def findings(case: LintInput) -> list[Finding]:
    """Everything the rules find, what weighs most first."""
    rules = (*addresses.RULES, *names.RULES, *contents.RULES)
    return sorted((finding for rule in rules for finding in rule(case)), key=lambda finding: -finding.grade)
