"""Every check, in the order in which they are made. Needs Django set up."""

from varco.ops.doctor import audit, databases, keys, mail, people, surroundings
from varco.ops.doctor.finding import Check


def checks() -> list[Check]:
    """What `varco doctor` and a starting server look at."""
    return [
        Check("databases", databases.reachable, lambda _: "platform, clinic and sandbox answer", first=True),
        Check("migrations", databases.migrated, lambda _: "up to date", first=True),
        Check("writing", databases.writable, lambda _: "platform, clinic and sandbox can be written", first=True),
        Check("roles", databases.roles, databases.role_words),
        Check("space", databases.space, lambda _: "enough is free where the files stand"),
        Check("sealing", keys.opened, lambda _: "the master key opens all that is sealed"),
        Check("keys", keys.signing, keys.signing_words),
        Check("restored", keys.rolled_back, lambda _: "no client knows of a later state of the database"),
        Check("chains", audit.chain_ends, lambda _: "every audit chain ends where it was linked last"),
        Check("linking", audit.linking, audit.linking_words, running=True),
        Check("demo", people.demo, lambda _: "no data of a demo"),
        Check("people", people.operators, lambda _: "an operator can sign in"),
        Check(
            "clock", surroundings.clocks, lambda _: f"within {surroundings.CLOCK_TOLERANCE} s of the database servers"
        ),
        Check("files", surroundings.files, lambda _: "readable by their owner only"),
        Check("proxy", surroundings.forwarded, surroundings.forwarded_words),
        Check("limits", surroundings.limits, surroundings.limit_words),
        Check("mail", mail.mail, mail.words),
    ]
