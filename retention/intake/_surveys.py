"""Survey responses from rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, overload

from retention._zones import Zone
from retention.errors import InvalidTypeError, InvalidValueError, shown
from retention.intake._arguments import named, options_of
from retention.intake._plan import Row, Source, plan_of
from retention.intake._rows import Intake, taken_in
from retention.records import SurveyResponse

__all__ = ["surveys_from_records"]


@overload
def surveys_from_records(
    rows: Iterable[Row],
    /,
    *,
    fields: Mapping[str, Source] | None = ...,
    constants: Mapping[str, object] | None = ...,
    tz: Zone | None = ...,
    unanswered: Literal["error", "skip"] = ...,
    on_error: Literal["raise"] = ...,
) -> list[SurveyResponse]: ...
@overload
def surveys_from_records(
    rows: Iterable[Row],
    /,
    *,
    fields: Mapping[str, Source] | None = ...,
    constants: Mapping[str, object] | None = ...,
    tz: Zone | None = ...,
    unanswered: Literal["error", "skip"] = ...,
    on_error: Literal["collect"],
) -> Intake[SurveyResponse]: ...
def surveys_from_records(
    rows: Iterable[Row],
    /,
    *,
    fields: Mapping[str, Source] | None = None,
    constants: Mapping[str, object] | None = None,
    tz: Zone | None = None,
    unanswered: Literal["error", "skip"] = "error",
    on_error: Literal["raise", "collect"] = "raise",
) -> list[SurveyResponse] | Intake[SurveyResponse]:
    """Survey responses from the rows of a database, a CSV file, JSON or a data frame, one row an answer.

    Each field of `SurveyResponse` is read from the column of its own name, unless `fields` or `constants` say where
    else it comes from. Other columns are ignored. Cells are read as by `orders_from_records`, and beside that:

    ==========  ===============================================================================================
    `score`     whole numbers, Decimals, numerals such as ``"9"``; floats by the digits that they print. A score
                off its scale is faulty, and so is a word
    `answer`    a choice in words, for questions without a scale; a row has a score or an answer
    `scale`     a pair, lowest and highest; floats such as 5.0 are read as whole numbers, Decimals as they are.
                What is the same for all rows goes into `constants`
    ==========  ===============================================================================================

    A table with a column for each question is read once for each question, as below.

    Args:
        rows: Mappings of column names to cells, read once.
        fields: For each field of `SurveyResponse` that isn't in a column of its own name: the name of the column, a
            function that makes the value from the row, or None to ignore the column.
        constants: Fields that are the same for all responses, such as ``{"kind": "csat", "scale": (1, 5)}``.
        tz: The zone of local times, as for `orders_from_records`.
        unanswered: What to do with a row without score and answer, since an unanswered question is no response:
            ``"error"`` takes it for faulty, ``"skip"`` leaves it out; `Intake.skipped` counts those.
        on_error: ``"raise"``, or ``"collect"`` to get the good rows and the faults side by side.

    Returns:
        The responses, in the order of the rows; with ``on_error="collect"`` an `Intake`.

    Raises:
        InvalidRowsError: Some rows are faulty. It holds a `RowError` for every fault of every row.
        InvalidValueError: An argument names no field, or a column is due that no row has.
        InvalidTypeError: `rows` is no iterable of rows, or an argument has the wrong type.
        ConflictingArgumentError: A field is given twice.

    >>> rows = [
    ...     {"customer_id": "ann", "responded_at": "2026-03-01", "recommend": "9", "easy": 6},
    ...     {"customer_id": "ben", "responded_at": "2026-03-02", "recommend": "", "easy": 2},
    ... ]
    >>> nps = surveys_from_records(
    ...     rows,
    ...     fields={"score": "recommend"},
    ...     constants={"kind": "nps"},
    ...     tz="Europe/Berlin",
    ...     unanswered="skip",
    ... )
    >>> ces = surveys_from_records(
    ...     rows,
    ...     fields={"score": "easy"},
    ...     constants={"kind": "ces", "scale": (1, 7), "direction": "higher"},
    ...     tz="Europe/Berlin",
    ... )
    >>> [response.score for response in nps], [response.score for response in ces]
    ([9], [6, 2])

    .. versionadded:: 0.1
    """
    owner = "surveys_from_records"
    if not isinstance(unanswered, str) or unanswered not in {"error", "skip"}:
        msg = f'{owner}: unanswered must be "error" or "skip" (got {shown(unanswered)})'
        raise (InvalidValueError if isinstance(unanswered, str) else InvalidTypeError)(msg)
    plan = plan_of(
        SurveyResponse,
        owner,
        sources=named(fields, owner, "fields"),
        constants=named(constants, owner, "constants"),
        options=options_of(tz, None, owner),
        one_of=("score", "answer"),
        skips=unanswered == "skip",
    )
    return taken_in(plan, rows, on_error)
