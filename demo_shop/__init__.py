"""A demo shop: raw files as a real retailer would export them, with their dirt.

``write_demo`` draws a shop from a seed into clean tables (``population`` and the
modules that it calls), renders them as files (``extracts`` and one module for each
system of the shop), and writes what was planted beside them (``truth``). Nothing here
reads the clock.
"""

from __future__ import annotations

from demo_shop.shop import FEWEST_CUSTOMERS, DemoError, DemoShop, write_demo

__all__ = ["FEWEST_CUSTOMERS", "DemoError", "DemoShop", "write_demo"]
