"""Collectors that turn systems into facts; a failure to look becomes Unseen, never a crash."""
