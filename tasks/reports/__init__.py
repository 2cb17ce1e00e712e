"""Pure renderers of one Report: terminal, JSON, markdown, HTML."""
