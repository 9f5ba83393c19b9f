"""What breaks a check."""

from __future__ import annotations

# Table, check, what breaks it (`set …` updates the table), the rows it must name.
Broken = tuple[str, str, str, list[dict[str, object]]]
