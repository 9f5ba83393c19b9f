"""Publishing: the checked marts become a database and Parquet files for readers."""
