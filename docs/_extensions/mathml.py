"""Formulas as MathML, written when the pages are built.

Sphinx's own renderers need a script from the network in the reader's browser, or LaTeX on this machine. docutils
can turn what TeX the docstrings use into MathML, which browsers show as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


def inline(translator: HTML5Translator, node: nodes.math) -> None:
    """A formula within a line."""
    translator.body.append(_mathml(node, as_block=False))
    _skip(node)


def block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """A formula on a line of its own."""
    translator.body.append(f'<div class="math">{_mathml(node, as_block=True)}</div>')
    _skip(node)


def _mathml(node: nodes.Element, *, as_block: bool) -> str:
    # Imported here and below, because the tests import this file where docutils isn't installed.
    from docutils.utils.math.latex2mathml import tex2mathml

    return str(tex2mathml(node.astext(), as_block=as_block))


def _skip(node: nodes.Element) -> None:
    """Raise what tells the writer that nothing is left to do for the node."""
    from docutils.nodes import SkipNode

    del node
    raise SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
