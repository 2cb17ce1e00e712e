"""Every endpoint of the embedded GitHub, in the order in which they are tried."""

from deployments.embedded.github.routes import (
    accounts,
    contents,
    deployments,
    environments,
    git_objects,
    jobs,
    releases,
    repositories,
    runs,
    secrets,
    settings,
    storage,
    workflows,
)
from deployments.embedded.github.web.router import Route

ROUTES: tuple[Route, ...] = (
    *accounts.ROUTES,
    *repositories.ROUTES,
    *contents.ROUTES,
    *git_objects.ROUTES,
    *workflows.ROUTES,
    *runs.ROUTES,
    *jobs.ROUTES,
    *storage.ROUTES,
    *secrets.ROUTES,
    *environments.ROUTES,
    *deployments.ROUTES,
    *releases.ROUTES,
    *settings.ROUTES,
    *repositories.LAST,
)
