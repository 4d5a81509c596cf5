"""How much the default rules count beside each other, and why."""

from __future__ import annotations

from typing import Final

__all__ = ["CHANCE", "KNOWN_CAUSE"]

KNOWN_CAUSE: Final = 2.0
"""What is wrong is known, or the very people whom it has hit: it can be acted upon today.

All else that is ill counts 1: a figure shows that something is wrong, and what it is has yet to be found.
"""

CHANCE: Final = 0.3
"""An opportunity: nothing is ill."""
