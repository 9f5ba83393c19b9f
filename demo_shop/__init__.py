"""A demo shop: raw files as a real retailer would export them, with their dirt.

``write_demo`` draws a shop from a seed into clean tables (``population`` and the
modules that it calls), renders them as files (``extracts`` and one module for each
system of the shop), and writes beside them what was planted (``truth``). Nothing here
reads a clock.
"""

from __future__ import annotations

from demo_shop.shop import FEWEST_CUSTOMERS, DemoError, DemoShop, write_demo

__all__ = ["FEWEST_CUSTOMERS", "DemoError", "DemoShop", "write_demo"]
