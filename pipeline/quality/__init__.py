"""Data quality: what must hold in landing and in the marts, and whether it does.

The suites are data and import fast; Great Expectations is imported only where they run.
"""
