"""The bare repositories of the embedded GitHub, and git over HTTP."""
