"""Stand-ins for the actions that Cargo repositories commonly use, by `owner/name` in lower case."""

from collections.abc import Mapping

from deployments.embedded.runner.action import Standin
from deployments.embedded.runner.actions import checkout

STANDINS: Mapping[str, Standin] = {
    "actions/checkout": checkout.run,
}
