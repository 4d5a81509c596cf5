"""What autodoc makes of the classes, made shorter: fields as one list, types without their modules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docutils.nodes import document
    from sphinx.application import Sphinx

_TYPE_OF_FIELD = re.compile(r"^:vartype \w+: ")
_MODULE = re.compile(r"\b[a-z_]\w*(?:\.\w+)*\.(?=\w)")
_LONG_DEFAULTS = {
    re.compile(r"Basis\((?:[^()]|\([^()]*\))*\)"): "Basis()",
    re.compile(r"frozenset\(\{\}\)"): "frozenset()",
    re.compile(r"<0 entries>"): "{}",
    re.compile(r"OwnRhythm\(at_risk_after.*?\)\)"): "OwnRhythm()",
    re.compile(r"LifecycleStages\(middle_orders.*?\)\)"): "LifecycleStages()",
    re.compile(r"<RfmGroups: .*?>"): "RFM_GROUPS",
    re.compile(r"datetime\.(timedelta\(\w+=\d+\))"): r"\1",
}


def shorten_types(app: Sphinx, *which: Any) -> None:
    """Write `Decimal` for `decimal.Decimal` in the types of fields, after napoleon has written them."""
    del app
    lines: list[str] = which[-1]
    lines[:] = [_MODULE.sub("", line) if _TYPE_OF_FIELD.match(line) else line for line in lines]


def break_after_colon(app: Sphinx, what: str, *which: Any) -> None:
    """Let the sentence of a property have a colon: napoleon takes what stands before it in the line for a type."""
    del app
    lines: list[str] = which[-1]
    if what == "property" and lines:
        lines[:1] = lines[0].replace(": ", ":\n", 1).split("\n")


def shorten_defaults(app: Sphinx, *which: Any) -> tuple[str | None, str | None]:
    """Write what a default is, and not everything that is in it."""
    del app
    signature, returned = which[-2:]
    if signature:
        for default, shorter in _LONG_DEFAULTS.items():
            signature = default.sub(shorter, signature)
    return signature, returned


def name_fields(app: Sphinx, doctree: document) -> None:
    """Call the fields of a class what its docstring calls them."""
    from docutils import nodes

    del app
    for name in doctree.findall(nodes.field_name):
        if name.astext() == "Variables":
            name.children = [nodes.Text("Attributes")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the listeners."""
    app.connect("autodoc-process-docstring", break_after_colon, priority=100)
    app.connect("autodoc-process-docstring", shorten_types, priority=900)
    app.connect("autodoc-process-signature", shorten_defaults)
    app.connect("doctree-read", name_fields)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
