"""What must be true of any page: it is whole, and nothing on it is decided by Enter."""

import re

from tests.support.client_response import ClientResponse
from tests.support.html import Element, parse

HEADING = re.compile(r"<h1[^>]*>\s*[^\s<]")
TITLE = re.compile(r"<title>\s*[^\s·<][^<]* · Varco</title>")
LANGUAGE = re.compile(r'<html lang="(en|it)">')
# Which of two buttons is pressed decides something; `then` does not, as both save a draft that nobody reviews.
DECIDING = {"decision", "choice", "confirmed"}


def faults_of_page(response: ClientResponse) -> list[str]:
    """One heading, a title of its own, the language."""
    text = response.content.decode()
    found = [] if len(HEADING.findall(text)) == 1 else [f"headings {HEADING.findall(text)}"]
    found += [] if TITLE.search(text) else ["no title of its own"]
    return found + ([] if LANGUAGE.search(text) else ["no language"])


def faults_of_forms(response: ClientResponse) -> list[str]:
    """The forms that Enter decides."""
    return [fault for form in parse(response.content).select("form") for fault in faults_of_form(form)]


def faults_of_form(form: Element) -> list[str]:
    """Enter in a field or on a box presses the first submit button of a form (HTML, implicit submission): it must not decide.

    So the first one does nothing (`method=dialog` without a dialog; a disabled one would be passed over) wherever buttons
    decide between things, one of them destroys something, or there is a box, on which people press Enter to turn it.
    """
    buttons = form.select("button:not([type=button]):not([type=reset]), input[type=submit], input[type=image]")
    if not buttons or buttons[0].get("formmethod") == "dialog":
        return []
    deciding = [button for button in buttons if button.get("name") in DECIDING]
    dangerous = [button for button in buttons if "button--danger" in button.classes]
    boxes = form.select("input[type=checkbox], input[type=radio]")
    if len(deciding) > 1 or dangerous or boxes:
        return [f"Enter presses {buttons[0].get_text(' ', strip=True)!r}"]
    return []
