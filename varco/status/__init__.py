"""How the parts of the service stood, day by day: what the upkeep's checks found, kept for the public status page.

Nothing here says what exactly was wrong, or where: that stands in the log and in what the doctor says.
"""
