"""From an event to finished runs."""
