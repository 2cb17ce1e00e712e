"""Breakages by somebody who had read the issue and the sample, and none of the checks."""
