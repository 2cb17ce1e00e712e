"""One flow for each phase."""
