"""One row per audience, attribute and value: the counts with their statistics."""


def model(dbt, session):  # noqa: ARG001
    """Add the statistics of scipy to the counts; a few thousand rows."""
    from pipeline.measurement.profile import profile_statistics

    return profile_statistics(dbt.ref("int_profile_counts").df())
