"""Small HTML that cannot be broken out of."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from shipping_sandbox.oxapay_api.pay_page.markup import tag, together

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]))


class Reader(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Words between elements."""
        self.words += data


@given(TEXT, TEXT)
def test_given_any_text_when_put_in_then_it_comes_out_as_text(inside: str, attribute: str) -> None:
    reader = Reader()
    reader.feed(tag("p", tag("b", inside), None, data_copy=attribute))
    reader.close()

    assert reader.tags == [("p", {"data-copy": attribute}), ("b", {})]
    assert reader.words == inside


def test_given_switches_when_written_then_true_is_bare_and_false_is_left_out() -> None:
    assert tag("input", type="checkbox", checked=True, disabled=False, class_=None) == (
        '<input type="checkbox" checked>'
    )
    assert together(("<", tag("br"), None)) == "&lt;<br>"
