"""The embedded AWS: moto behind a layer that corrects it, and two nodes that really run commands.

`EmbeddedAws` is the entry point. A request goes through `layer` (faults, keys, permissions, journal,
recording) to one of our own operations (`sts`, `permissions`, `budgets`, `costs`, `catalog`, `commands`) or
to moto (`moto_backend`). `wire` turns HTTP into operations and results into HTTP.
"""

from deployments.embedded.aws.costs import CostLine
from deployments.embedded.aws.embedded import EmbeddedAws
from deployments.embedded.aws.faults import Fault, Mode
from deployments.embedded.aws.keys import AccessKey

__all__ = ["AccessKey", "CostLine", "EmbeddedAws", "Fault", "Mode"]
