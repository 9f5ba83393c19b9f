"""One row per driver and value: the counts with their statistics."""


def model(dbt, session):  # noqa: ARG001
    """Add the statistics of scipy to the counts; some hundred rows."""
    from pipeline.measurement.repurchase import repurchase_statistics

    return repurchase_statistics(dbt.ref("int_repurchase_counts").df())
