"""Every endpoint of the embedded GitHub, in the order in which they are tried."""

from deployments.embedded.github.routes import accounts, contents, git_objects, repositories
from deployments.embedded.github.web.router import Route

ROUTES: tuple[Route, ...] = (
    *accounts.ROUTES,
    *repositories.ROUTES,
    *contents.ROUTES,
    *git_objects.ROUTES,
    *repositories.LAST,
)
