"""Telephone numbers in one form, however they were typed, so that a search finds them. Pure."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

REGION = "IT"
"""Where a number is that names no country."""


def e164(text: str) -> str:
    """The number as `+390655501234`; empty for what is none, such as an extension of the house."""
    try:
        number = phonenumbers.parse(text, REGION)
    except NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
