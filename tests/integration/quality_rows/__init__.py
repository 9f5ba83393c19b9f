"""Literal rows for the tests of the checks: valid ones, and what breaks each check.

A module for each group of tables: ``BUILT`` makes its tables of valid rows, ``BROKEN``
lists what breaks them.
"""
