"""Prices and quotas that this account sees: small dated tables in place of two large services."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from deployments.embedded.aws.errors import AwsError
from deployments.embedded.aws.keys import AccessKey
from deployments.embedded.aws.wire import AwsRequest

Result = Mapping[str, Any]

# On-demand Linux prices in US dollars an hour, us-west-2, list prices as of 2026-07-20.
PRICES_AS_OF = "2026-07-20T00:00:00Z"
_ON_DEMAND = {
    "c7a.large": "0.10264",
    "c7a.xlarge": "0.20528",
    "c7a.2xlarge": "0.41056",
    "i4i.xlarge": "0.343",
    "i4i.2xlarge": "0.686",
    "t3.medium": "0.0416",
}
# Quota codes as Service Quotas documents them for EC2; values are what this account was granted, in vCPUs.
_QUOTAS = {
    "L-1216C47A": ("Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 64.0),
    "L-34B43A08": ("All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests", 64.0),
}


class Catalog:
    """Answers Pricing and Service Quotas from the tables."""

    def __init__(self, account: str) -> None:
        self.account = account

    def answers(self) -> Mapping[tuple[str, str], Callable[[AwsRequest, AccessKey | None], Result]]:
        """Return the operations answered here because moto lacks them or their data."""
        return {
            ("pricing", "GetProducts"): self.get_products,
            ("service-quotas", "GetServiceQuota"): self.get_service_quota,
            ("service-quotas", "ListServiceQuotas"): self.list_service_quotas,
        }

    def get_products(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """List EC2 on-demand prices for an instance type; an unknown type has no product."""
        filters = {f["Field"]: f["Value"] for f in request.parameters.get("Filters") or ()}
        wanted = filters.get("instanceType")
        if request.parameters["ServiceCode"] != "AmazonEC2" or filters.get("regionCode", "us-west-2") != (
            "us-west-2"
        ):
            return {"FormatVersion": "aws_v1", "PriceList": []}
        return {
            "FormatVersion": "aws_v1",
            "PriceList": [_product(k, v) for k, v in _ON_DEMAND.items() if wanted in (None, k)],
        }

    def get_service_quota(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """Return one EC2 quota."""
        code = str(request.parameters["QuotaCode"])
        if request.parameters["ServiceCode"] != "ec2" or code not in _QUOTAS:
            raise AwsError("NoSuchResourceException", "The request failed because the quota does not exist.")
        return {"Quota": self._quota(code, request.region)}

    def list_service_quotas(self, request: AwsRequest, _caller: AccessKey | None) -> Result:
        """List the EC2 quotas; other services have none here."""
        codes = _QUOTAS if request.parameters["ServiceCode"] == "ec2" else {}
        return {"Quotas": [self._quota(code, request.region) for code in codes]}

    def _quota(self, code: str, region: str) -> Result:
        name, value = _QUOTAS[code]
        return {
            "ServiceCode": "ec2",
            "ServiceName": "Amazon Elastic Compute Cloud (Amazon EC2)",
            "QuotaArn": f"arn:aws:servicequotas:{region}:{self.account}:ec2/{code}",
            "QuotaCode": code,
            "QuotaName": name,
            "Value": value,
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }


def _product(instance_type: str, usd: str) -> str:
    dimension = {"unit": "Hrs", "pricePerUnit": {"USD": usd}, "description": f"{instance_type} Linux"}
    return json.dumps(
        {
            "product": {
                "productFamily": "Compute Instance",
                "attributes": {
                    "instanceType": instance_type,
                    "regionCode": "us-west-2",
                    "operatingSystem": "Linux",
                },
            },
            "serviceCode": "AmazonEC2",
            "terms": {
                "OnDemand": {"only": {"priceDimensions": {"only": dimension}, "effectiveDate": PRICES_AS_OF}}
            },
            "publicationDate": PRICES_AS_OF,
        }
    )
