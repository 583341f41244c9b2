"""A field of a form hides what scripts read from the form by the same name: `form.method` is then the field."""

import re

from tests.architecture.test_readable_text import _forms as forms_of_pages
from tests.support import source

OF_FORMS = {
    "action", "method", "target", "submit", "reset", "elements", "length", "dataset", "id", "children", "attributes", "closest", "querySelector",
    "querySelectorAll", "getAttribute", "hasAttribute", "setAttribute", "removeAttribute", "addEventListener", "requestSubmit", "checkValidity", "noValidate",
    "enctype", "encoding", "parentElement", "classList", "className", "style", "hidden", "title", "lang", "dir", "tabIndex", "focus", "remove",
}  # fmt: skip
"""What browsers themselves, libraries and scripts read from a form."""
ALLOWED = {"title", "lang", "remove"}
"""Names of fields that no script reads from a form."""
READ = re.compile(r"\bform\.(\w+)")
SCRIPTS = source.files(".js")


def names_of_fields() -> set[str]:
    by_forms = {name for form in forms_of_pages() for name in form.base_fields}
    pages = "\n".join(path.read_text("utf-8") for path in source.files(".html") if "portal/templates" in str(path))
    in_templates = re.findall(r"<(?:input|select|textarea|button)\b[^>]*?\sname=\"([\w:-]+)\"", pages)
    return by_forms | set(in_templates)


def test_no_field_has_the_name_of_something_that_a_form_has() -> None:
    names = names_of_fields()
    assert {"name", "stamp", "then"} <= names
    assert names & OF_FORMS <= ALLOWED


def test_scripts_read_nothing_else_from_a_form() -> None:
    own = [path for path in SCRIPTS if "portal/static" in str(path)]
    read = {name for path in own for name in READ.findall(path.read_text("utf-8"))}
    assert "getAttribute" in read
    assert read <= OF_FORMS - ALLOWED
    # Of what a page of somebody else's making could hide: by its attribute, whatever the fields are called.
    assert not read & {"method", "action", "target", "submit"}
