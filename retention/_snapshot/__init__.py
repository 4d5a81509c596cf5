"""All figures of one period, or of a series of them, each beside the one that it is compared with."""

from __future__ import annotations

from retention._snapshot._count import snapshot
from retention._snapshot._figures import Against, Figure, Snapshot

__all__ = ["Against", "Figure", "Snapshot", "snapshot"]
