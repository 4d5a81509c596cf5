"""The word for a kind of reasons: what it means, and what is no such word."""

from __future__ import annotations

import pytest

from retention import InvalidTypeError, InvalidValueError
from retention._reasons import reasons_meant

WORDS = {"voluntary": frozenset({"customer"}), "payment": frozenset({"payment"})}


def test_a_word_means_its_reasons_and_none_means_any():
    assert reasons_meant("churn", "voluntary", WORDS) == {"customer"}
    assert reasons_meant("churn", None, WORDS) is None


@pytest.mark.parametrize(
    "wrong, error, message",
    [
        (
            "voluntery",
            InvalidValueError,
            "churn: there is no reason 'voluntery'; did you mean",
        ),  # typos: ignore
        ("", InvalidValueError, "there are voluntary, payment"),
        (3, InvalidTypeError, 'churn: reason must be a word such as "voluntary", or None'),
        (["payment"], InvalidTypeError, "must be a word"),
    ],
)
def test_other_things_are_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        reasons_meant("churn", wrong, WORDS)
