"""The daily report: one static HTML page."""
