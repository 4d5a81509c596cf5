"""Links to the public names: from single backquotes in docstrings, and from signatures.

A docstring writes `Ratio` or `period` alike. The first has a page and becomes a link to it; the second is an argument
and becomes code.
"""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

from sphinx.transforms.post_transforms import SphinxPostTransform

import retention
import retention.testing
from retention.strategies import EVIDENCE, STRATEGIES

if TYPE_CHECKING:
    from docutils.nodes import Element, Node, TextElement, system_message
    from docutils.parsers.rst.states import Inliner
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

TESTING = frozenset(retention.testing.__all__)


def full_name(name: str) -> str | None:
    """The full name of what has an entry in the reference, or None for anything else."""
    parts = name.removeprefix("retention.").split(".")
    if parts[0] in TESTING:
        return f"retention.testing.{parts[0]}"
    if parts[0] not in retention.__all__:
        return None
    found: object = retention
    for part in parts:
        found = getattr(found, part, None)
    return f"retention.{'.'.join(parts)}" if _has_entry(found) else None


def _has_entry(found: object) -> bool:
    tables = (retention.METRICS, retention.BENCHMARKS, retention.DEFINITIONS, EVIDENCE, STRATEGIES)
    return any(found is table for table in tables) or inspect.isroutine(found) or inspect.isclass(found)


def known(
    name: str, rawtext: str, text: str, lineno: int, inliner: Inliner, *_: Any
) -> tuple[list[Node], list[system_message]]:
    """The role of single backquotes: a link where there is an entry, code elsewhere."""
    from docutils import nodes
    from sphinx.addnodes import pending_xref

    literal = nodes.literal(rawtext, text, classes=["xref", "py", "py-obj"])
    target = full_name(text)
    if target is None or target == inliner.document.settings.env.ref_context.get("py:module"):
        return [nodes.literal(rawtext, text)], []
    reference = pending_xref(rawtext, literal, refdomain="py", reftype="obj", reftarget=target, refwarn=True)
    reference["refdoc"] = inliner.document.settings.env.docname
    return [reference], []


def lead_to_public_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: TextElement
) -> Element | None:
    """Lead a signature's `retention.results._ratio.Ratio`, or plain `Ratio`, to the entry of `retention.Ratio`."""
    if node.get("refdomain") != "py":
        return None
    written = str(node.get("reftarget", ""))
    target = full_name(written.rpartition(".")[2])
    if target is None or target == written or written.startswith("retention.formulas."):
        return None
    domain = env.domains["py"]
    found: Element | None = domain.resolve_xref(
        env, node["refdoc"], app.builder, "obj", target, node, contnode
    )
    return found


class LinkNames(SphinxPostTransform):
    """Make links of the public names that stand in single backquotes on Markdown pages, outside of headings."""

    default_priority = 5  # before references are resolved

    def run(self, **_: Any) -> None:
        from docutils import nodes
        from sphinx.addnodes import pending_xref

        for literal in list(self.document.findall(nodes.literal)):
            target = full_name(literal.astext())
            if (
                target is None
                or literal["classes"]
                or isinstance(literal.parent, (nodes.reference, nodes.title, pending_xref))
            ):
                continue
            reference = pending_xref(
                "", refdomain="py", reftype="obj", reftarget=target, refwarn=True, refdoc=self.env.docname
            )
            literal.replace_self(reference)
            reference += nodes.literal("", literal.astext(), classes=["xref", "py", "py-obj"])


def let_annotations_be_read(_: Sphinx) -> None:
    """Give each module the public names that it imports for annotations only, under TYPE_CHECKING.

    Where one of them is missing, autodoc can read none of a function's annotations, and shows all of them as written.
    """
    public = {name: getattr(retention, name) for name in retention.__all__}
    for name, module in list(sys.modules.items()):
        if name.startswith("retention."):
            for each, value in public.items():
                vars(module).setdefault(each, value)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register role and listeners."""
    app.connect("builder-inited", let_annotations_be_read)
    app.add_role("known", known)
    app.add_post_transform(LinkNames)
    app.connect("missing-reference", lead_to_public_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
