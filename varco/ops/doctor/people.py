"""Whether anybody can run this installation, and whether its people are invented."""

from varco.config import Settings
from varco.ops.doctor.finding import Finding


def operators(settings: Settings) -> list[Finding]:
    """That no operator can sign in."""
    from varco.accounts import queries

    if settings.demo:
        return []
    found = list(queries.operators())
    if any(user.has_usable_password() for user in found):
        return []
    if found:
        email = found[0].email
        again = f"varco account invite-again {email} --print-link"
        return [Finding(f"nobody can sign in yet: operator {email} has set no password; for another link run: {again}")]
    return [
        Finding(
            "nobody can sign in yet: there is no operator; run: varco account create EMAIL --role operator --print-link"
        )
    ]


def demo(settings: Settings) -> list[Finding]:
    """That the databases are a demo's, or hold one of its people with the password of the README."""
    from varco.accounts import queries
    from varco.ops.demo import cast

    if settings.demo:
        return []
    known = queries.among(account.email for account in cast.ACCOUNTS)
    if not queries.is_demo() and not any(_has_the_demo_password(user.password) for user in known):
        return []
    return [
        Finding(
            "these databases hold the data of a demo, whose passwords everybody knows; give this installation databases of "
            "its own (VARCO_DATA_DIR or VARCO_…_DATABASE), or serve these with: varco demo",
            stops=True,
        )
    ]


def _has_the_demo_password(encoded: str) -> bool:
    from django.contrib.auth.hashers import check_password

    from varco.ops.demo import cast

    return check_password(cast.PASSWORD, encoded)
