"""Each error is one of the library's and one that a caller would already catch, and survives a pickle."""

from __future__ import annotations

import pickle

import pytest

from retention import errors
from retention.errors import (
    InvalidRowsError,
    InvalidTypeError,
    NaiveDatetimeError,
    RetentionError,
    RowError,
    UnknownMetricError,
    shown,
)

CLASSES = [getattr(errors, name) for name in errors.__all__]
PLAIN = [kind for kind in CLASSES if kind not in {RowError, InvalidRowsError}]


@pytest.mark.parametrize("kind", CLASSES)
def test_one_root(kind):
    assert issubclass(kind, RetentionError)
    assert kind.__name__.endswith("Error")
    assert kind.__doc__


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if kind is not RetentionError])
def test_a_builtin_that_callers_already_catch(kind):
    assert issubclass(kind, ValueError | TypeError | KeyError | ExceptionGroup)


@pytest.mark.parametrize("kind", PLAIN)
def test_messages_and_pickles(kind):
    again = pickle.loads(pickle.dumps(kind("what is wrong")))
    assert type(again) is kind
    assert str(again) == "what is wrong"


def test_all_is_complete():
    defined = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, RetentionError)
    }
    assert defined == set(errors.__all__)
    assert list(errors.__all__) == sorted(errors.__all__)


def test_an_unknown_metric_reads_as_a_sentence():
    assert str(UnknownMetricError("no metric 'x'")) == "no metric 'x'"
    assert str(UnknownMetricError()) == ""


def test_kinds():
    assert issubclass(InvalidTypeError, TypeError)
    assert issubclass(NaiveDatetimeError, ValueError)


class TestRows:
    def test_an_error_knows_its_row_and_field(self):
        error = RowError("wrong", row=3, field="amount")
        assert (str(error), error.row, error.field) == ("wrong", 3, "amount")
        assert RowError("wrong", row=3).field is None

    def test_it_survives_a_pickle(self):
        again = pickle.loads(pickle.dumps(RowError("wrong", row=3, field="amount")))
        assert type(again) is RowError
        assert (str(again), again.row, again.field) == ("wrong", 3, "amount")

    def test_a_group_stays_one_when_it_is_split(self):
        group = InvalidRowsError("two", [RowError("a", row=1), RowError("b", row=2)])
        match, rest = group.split(lambda error: isinstance(error, RowError) and error.row == 1)
        assert isinstance(match, InvalidRowsError)
        assert isinstance(rest, InvalidRowsError)
        assert [error.row for error in match.exceptions] == [1]
        assert rest.message == "two"

    def test_a_group_survives_a_pickle(self):
        again = pickle.loads(pickle.dumps(InvalidRowsError("one", [RowError("a", row=1, field="id")])))
        assert type(again) is InvalidRowsError
        assert again.exceptions[0].field == "id"

    def test_except_star(self):
        seen = []
        try:
            raise InvalidRowsError("one", [RowError("a", row=1)])
        except* RowError as group:
            seen.extend(group.exceptions)
        assert [error.row for error in seen] == [1]


class TestShown:
    @pytest.mark.parametrize(
        "value, text",
        [
            (1, "1"),
            ("a", "'a'"),
            (None, "None"),
            ("a\nb", r"'a\nb'"),
            ("\ud800", r"'\ud800'"),
            ("é", "'é'"),
        ],
    )
    def test_short_values(self, value, text):
        assert shown(value) == text

    @pytest.mark.parametrize(
        "value",
        [
            "x" * 10_000,
            pytest.param(10**10_000, id="huge"),
            list(range(10_000)),
            {"k" * 999: "v" * 999},
            object(),
        ],
    )
    def test_long_values(self, value):
        assert len(shown(value)) < 250
        assert "\n" not in shown(value)

    def test_a_repr_that_fails(self):
        class Broken:
            def __repr__(self):
                raise RuntimeError("no")

        assert "Broken" in shown(Broken())
