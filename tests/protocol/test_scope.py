import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol_records import fuzz
from varco.protocol import scope
from varco.protocol.scope import Scopes


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("openid", ("openid",)),
        ("  openid  profile ", ("openid", "profile")),
        ("b a b", ("b", "a")),
    ],
)
def test_a_text_holds_names_in_their_order_each_once(text: str, names: tuple[str, ...]) -> None:
    assert scope.parse(text) == names
    assert str(scope.parse(text)) == " ".join(names)


def test_scopes_are_narrowed_in_their_order() -> None:
    scopes = scope.parse("c a b")
    assert str(scopes.within({"a", "c"})) == "c a"
    assert str(scopes.without({"a"})) == "c b"
    assert scopes.within(()) == ()


@pytest.mark.parametrize(
    ("name", "sound"), [("giponext.patients", True), ('a"b', False), ("a\\b", False), ("è", False)]
)
def test_a_name_has_its_characters(name: str, sound: bool) -> None:
    assert scope.is_well_formed(Scopes([name])) is sound


@fuzz
@given(st.text())
def test_the_text_of_scopes_reads_as_the_same_scopes(text: str) -> None:
    parsed = scope.parse(text)
    assert scope.parse(str(parsed)) == parsed
