"""Why somebody cannot use an application: a page for the person and an error for the client, for every reason there is."""

import pytest
from django.utils import translation

from varco.portal.common.ineligible import ineligible_error, ineligible_words
from varco.protocol.eligibility import Ineligible


@pytest.mark.parametrize("reason", Ineligible)
def test_every_reason_has_a_page_in_both_languages(reason: Ineligible) -> None:
    pages = []
    for language in ("en", "it"):
        with translation.override(language):
            pages.append(ineligible_words(reason, application="Agenda Facile", clinic="Clinic Aurora"))
    english, italian = pages
    assert english["title"]
    assert english["title"] != italian["title"]
    assert english["text"] != italian["text"]
    assert "%(" not in "".join([*english.values(), *italian.values()])


@pytest.mark.parametrize("reason", Ineligible)
def test_every_reason_has_an_error_for_the_client(reason: Ineligible) -> None:
    error = ineligible_error(reason)
    assert error.error == "access_denied"
    assert error.received == reason.value
