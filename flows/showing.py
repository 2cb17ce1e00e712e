"""Hands a report to whom it is for: a page in its file, and text or JSON on the standard output."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from flows.asked import Asked
from tasks.domain.report import Report
from tasks.reports import html_report, json_report, terminal


def show(report: Report, asked: Asked, environment: Mapping[str, str]) -> None:
    """Write the report's page and show the report on stdout, as text or as JSON alone."""
    if report.report_file:
        Path(report.report_file).write_text(html_report.render(report), encoding="utf-8")
    if asked.json:
        sys.stdout.write(json_report.render(report))
        sys.stdout.write("\n")
    else:
        terminal.show(report, sys.stdout, environment)
