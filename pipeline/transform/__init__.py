"""Running dbt, and explaining failures by their tables and rows."""
