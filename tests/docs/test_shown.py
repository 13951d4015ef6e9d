"""The comparison of what a page shows with what came is strict, or it would prove nothing."""

import pytest

from tests.docs.pages import blocks_of, commands
from tests.docs.shown import difference, says_something


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("a b\n", "\na b   \n\n"),
        ("12 requests in … s.\n", "12 requests in 0.4 s.\n"),
        ("first\n…\nlast\n", "first\nlast\n"),
        ("first\n…\nlast\n", "first\nsecond\nthird\nlast\n"),
        ("…\nlast\n", "first\nlast\n"),
    ],
)
def test_output_that_fits(shown: str, printed: str) -> None:
    assert difference(shown, printed) == ""


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("a b\n", "a  b\n"),
        ("a\n", "a\nb\n"),
        ("a\nb\n", "a\n"),
        ("12 requests in … s.\n", "12 requests in  s\n"),
        ("in … s.\n", "in 1\n2 s.\n"),
        ("first\n…\nlast\n", "first\nsecond\n"),
        ("1.5\n", "1x5\n"),
        ("something\n", ""),
    ],
)
def test_output_that_does_not_fit(shown: str, printed: str) -> None:
    assert "shown" in difference(shown, printed)


def test_output_of_elisions_alone_says_nothing() -> None:
    assert not says_something("…\n")
    assert not says_something("… … in …\n…\n")
    assert says_something("…\n12 requests in … s.\n")


@pytest.mark.parametrize("fence", ["~~~sh", "  ```sh", ":::{note}", "    pennybridge sync"])
def test_a_block_of_another_kind_is_not_passed_over(fence: str) -> None:
    with pytest.raises(ValueError, match=r"page\.md:3"):
        blocks_of(f"Words\n\n{fence}\n", "page.md")


def test_a_block_that_is_left_open_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="left open"):
        blocks_of("Words\n\n```sh\npennybridge sync\n", "page.md")


def test_a_file_in_a_block_belongs_to_its_command() -> None:
    assert commands("one\n# a remark\ncat > f <<'END'\n# kept\nx\nEND\ntwo\n") == [
        "one",
        "cat > f <<'END'\n# kept\nx\nEND",
        "two",
    ]
