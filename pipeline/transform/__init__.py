"""Running dbt, and saying what went wrong in the words of its tables and rows."""
