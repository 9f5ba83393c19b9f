"""One row per experiment, arm and metric: the sums with their statistics."""


def model(dbt, session):  # noqa: ARG001
    """Add the statistics of scipy to the sums; a few dozen rows."""
    from pipeline.measurement.experiments import experiment_statistics

    return experiment_statistics(dbt.ref("int_experiment_counts").df())
