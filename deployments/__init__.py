"""Where an activation runs and against what: the embedded world, and the flows served by Prefect."""
