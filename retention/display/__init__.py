"""Results as aligned text. A leaf: nothing in the core imports it before something is to be shown."""

from __future__ import annotations

from retention.display._text import snapshot_table, table

__all__ = ["snapshot_table", "table"]
