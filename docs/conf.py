"""How Sphinx builds the documentation: MyST pages, the API from the docstrings, nothing fetched."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

import retention

if TYPE_CHECKING:
    from docutils.nodes import Element, TextElement, reference
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

project = "retention"
author = "the retention contributors"
copyright = "2026, the retention contributors"  # noqa: A001 - Sphinx reads this name
release = metadata.version("customer-retention")
version = release

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"retention {release}"

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

nitpicky = True
# Names that live outside these pages. No inventory of another project is fetched, so they cannot be links.
nitpick_ignore_regex = [
    # The standard library.
    (r"py:.*", r"(array|collections|datetime|decimal|fractions|numbers|types|typing|zoneinfo)(\..*)?"),
    # Our dependencies.
    (r"py:.*", r"(attr|attrs|dateutil|relativedelta)(\..*)?"),
    # Type aliases, which autodoc leaves as they are written; the argument's own text says what may be given.
    (r"py:.*", r"(retention\.(.*\.)?)?(Convert|Duration|Orders|Zone)"),
    # Type variables and private names in signatures have no page of their own.
    (r"py:.*", r"(retention\.(.*\.)?)?(_.*|[A-Z]T?)"),
]


def public_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: TextElement
) -> reference | Element | None:
    """Lead a signature's `retention.results.Ratio` to the page of `retention.Ratio`, its public name."""
    target = str(node.get("reftarget", "")).rpartition(".")[2]
    if node.get("refdomain") != "py" or target not in retention.__all__:
        return None
    domain = env.domains["py"]
    full = f"retention.{target}"
    if full == node["reftarget"]:
        return None
    return domain.resolve_xref(env, node["refdoc"], app.builder, node["reftype"], full, node, contnode)


def setup(app: Sphinx) -> None:
    """Register the above."""
    app.connect("missing-reference", public_name)
