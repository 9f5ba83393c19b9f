"""Data quality: the checks of landing and marts, and running them.

The suites are data and import fast; Great Expectations is imported only where they run.
"""
