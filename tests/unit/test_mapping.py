"""A mapping that a host can't change behind a record's back."""

from __future__ import annotations

import copy
import pickle

import pytest

from retention._mapping import FrozenMapping

GIVEN = {"b": 1, "a": ["Ann Secret"]}


def test_reads_like_the_mapping_that_it_was_made_of():
    mapping = FrozenMapping(GIVEN)
    assert mapping == GIVEN
    assert dict(mapping) == GIVEN
    assert list(mapping) == ["b", "a"]
    assert (len(mapping), mapping["b"], mapping.get("c"), "a" in mapping) == (2, 1, None, True)
    with pytest.raises(KeyError):
        mapping["c"]


def test_is_empty_without_one():
    assert FrozenMapping() == FrozenMapping(None) == FrozenMapping({}) == {}


def test_is_a_copy():
    given = dict(GIVEN)
    mapping = FrozenMapping(given)
    given["c"] = 1
    assert "c" not in mapping


def test_is_read_only():
    mapping = FrozenMapping(GIVEN)
    with pytest.raises(TypeError):
        mapping["b"] = 2
    with pytest.raises(TypeError):
        del mapping["b"]
    for name in ("_items", "other"):
        with pytest.raises(AttributeError, match="a FrozenMapping is read-only; make a new one from a dict"):
            setattr(mapping, name, {})


def test_shows_how_much_it_holds_and_nothing_of_it():
    assert repr(FrozenMapping(GIVEN)) == str(FrozenMapping(GIVEN)) == "<2 entries>"


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies_and_pickles(way):
    again = way(FrozenMapping(GIVEN))
    assert type(again) is FrozenMapping
    assert again == GIVEN
    assert list(again) == list(GIVEN)


def test_is_not_hashable_since_its_values_need_not_be():
    with pytest.raises(TypeError):
        hash(FrozenMapping(GIVEN))
