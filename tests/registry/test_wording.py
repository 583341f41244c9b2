"""The protocol's English sentences in the reader's language."""

import inspect
import re

import pytest
from django.utils import translation

from varco.protocol import redirect_uri
from varco.registry.wording import redirect_fault

URIS = [
    "", "https://a/" + "x" * 2000, "https://a/ b", "/callback", "https://a/#x", "HTTPS://a/", "http://a/", "javascript:x",
    "com.example:/x", "com..example:/x", "com.example:", "com.example://[x", "https:///x", "https://u@a/", "https://A.example/", "https://*.a/",
    "https://a..b/", "https://a:70000/", "https://a/../x", "https://a/?", "https://a/?state=1",
]  # fmt: skip


@pytest.mark.parametrize("uri", URIS)
@pytest.mark.parametrize("type_", ["web", "native"])
def test_a_refused_redirect_uri_is_explained_in_italian(uri: str, type_: str) -> None:
    fault = redirect_uri.registration_fault(uri, type=type_)
    if fault is None:
        assert type_ == "native"
        return
    with translation.override("it"):
        assert redirect_fault(fault) != fault


def test_the_examples_above_meet_every_sentence_of_the_protocol() -> None:
    written = set(re.findall(r'return f?"([^"]+)"|else f?"([^"]+)"', inspect.getsource(redirect_uri)))
    sentences = {
        re.sub(r"\{[^}]+\}", ".+", re.escape(first or second).replace(r"\{", "{").replace(r"\}", "}"))
        for first, second in written
    }
    met = {redirect_uri.registration_fault(uri, type=type_) for uri in URIS for type_ in ("web", "native")} - {None}
    assert sentences
    for sentence in sentences:
        assert any(re.fullmatch(sentence, fault or "") for fault in met), sentence
