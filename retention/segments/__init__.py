"""Customers in groups: by stage and state of life, by recency, frequency and money, by what they are like."""

from __future__ import annotations

__all__: list[str] = []
