"""Results as aligned text. A leaf: nothing in the core imports it before something is to be shown."""

from __future__ import annotations

from retention.display._sentences import comparison_sentence
from retention.display._text import snapshot_table, table

__all__ = ["comparison_sentence", "snapshot_table", "table"]
