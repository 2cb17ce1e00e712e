"""Pure renderers of one Report: what was done, what is live where, what blocks and what to do first.

=============  =====================================================================================
module         shows a Report as
=============  =====================================================================================
summary        the words all renderers share: headline, outcome, durations, what to do
json_report    JSON, schema 1
terminal       one screen of text, coloured or plain
html_report    one self-contained page
markdown       the page for ``GITHUB_STEP_SUMMARY`` and Prefect artifacts
progress       not a Report but the events on the way to it, live
=============  =====================================================================================

Rich and Jinja2 are imported by the function that needs them, so that a command starts at once.
"""
