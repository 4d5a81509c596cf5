"""How Sphinx builds the documentation: MyST pages, the API from the docstrings, nothing fetched."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "retention"
author = "the retention contributors"
copyright = "2026, the retention contributors"  # noqa: A001 - Sphinx reads this name
release = metadata.version("customer-retention")
version = release

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    # Ours, in _extensions.
    "catalog_pages",
    "mathml",
    "pictures",
    "public_names",
    "readable",
    "rule_pages",
    "strategy_pages",
]
exclude_patterns = ["_build", "_extensions"]

html_theme = "furo"
html_title = f"retention {release}"
html_static_path = ["_static"]
html_css_files = ["house.css"]
html_copy_source = False
# Written when the pages are built: a page needs no script and no network to show a formula.
html_math_renderer = "mathml"

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_typehints_format = "short"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
python_display_short_literal_types = True
toc_object_entries = False  # the headings of the reference name the functions already
default_role = "known"  # `Ratio` in a docstring is a link, `period` is code: see public_names.py

nitpicky = True
# Names in signatures that have no entry. No inventory of another project is fetched, so they cannot be links.
nitpick_ignore_regex = [
    # The standard library.
    (r"py:.*", r"(array|collections|datetime|decimal|fractions|typing)(\..*)?"),
    # The same, in annotations that are written without the module.
    (
        r"py:class",
        r"(Decimal|Fraction|Callable|Hashable|Iterable|Iterator|Mapping|Sequence|frozenset|date|timedelta|tzinfo)",
    ),
    # Ours to depend on, not to document.
    (r"py:class", r"(dateutil\.relativedelta\.)?relativedelta"),
    # The values of a Literal, and the parts of those with blanks in them.
    (r"py:class", r"'[a-z_ ]+'|'rule|thumb'|\"vendor's claim\""),
    # The type variables of the formulas: whichever number goes in comes out; the type of `default`.
    (r"py:class", r"(retention\.formulas\._call\.)?(Number|Fallback)"),
    # The sums behind an interval: kept with a result, of no use by themselves.
    (
        r"py:class",
        r"(retention\.(_numerics|_linearised|results\._\w+)\.)?(ClusterSums|ScoreSums|TwoGroups|Linearised|InverseShare|Unsampled|Sampling)",
    ),
    # The type variables of an intake (`Order`, `Customer`, …) and of a figure by key (`Score` or `AnswerShare`).
    (r"py:class", r"(retention\.(_rows|_survey_by|_interactions_by)\.)?R"),
    # The type variable of what is drawn from a model: the same kind of model again.
    (r"py:class", r"(retention\.predict\._bootstrap\.)?_[MN]"),
    # That of what a forecast says of each period: purchases or revenue.
    (r"py:class", r"(retention\.predict\._forecast_parts\.)?Part"),
    # What the strategies for tests give.
    (r"py:class", r"hypothesis\..*"),
    # The columns behind a curve, likewise.
    (r"py:class", r"(retention\.survival\.\w+\.)?(LifeTable|Spells)"),
    # The layout of a history's columns may change with any version.
    (r"py:class", r"retention\._columns\.Columns"),
    # What a rule is judged on, with all its states: what of it people need is in the finding.
    (r"py:class", r"(retention\.strategies\._readings\.)?Reading"),
    # What the facts of a period are is the house's own business; see the page on the design.
    (r"py:class", r"(retention\._facts\.)?PeriodFacts"),
]
