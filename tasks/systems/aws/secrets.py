"""Secrets Manager. A value goes in; none ever comes out."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tasks.domain.cloud import Secret
from tasks.systems.aws.clients import Clients
from tasks.systems.aws.errors import Denied, code_of, translated


class Secrets:
    """Looks at entries and fills them."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def describe(self, name: str) -> Secret | None:
        """Return an entry and whether it holds anything, or None when there is no such entry."""
        with translated("secretsmanager:DescribeSecret"):
            try:
                found = self._clients.secretsmanager.describe_secret(SecretId=name)
            except ClientError as error:
                if code_of(error) == "ResourceNotFoundException":
                    return None
                raise
        if found.get("DeletedDate") is not None:
            return Secret(name=name, filled=None, deleting=True)
        return Secret(name=name, filled=self._filled(name))

    def create(self, name: str, value: str) -> None:
        """Create an entry; if one exists by now, leave its value alone."""
        with translated("secretsmanager:CreateSecret"):
            try:
                self._clients.secretsmanager.create_secret(Name=name, SecretString=value)
            except ClientError as error:
                if code_of(error) != "ResourceExistsException":
                    raise

    def fill(self, name: str, value: str) -> None:
        """Give an entry a value."""
        with translated("secretsmanager:PutSecretValue"):
            self._clients.secretsmanager.put_secret_value(SecretId=name, SecretString=value)

    def _filled(self, name: str) -> bool | None:
        try:
            with translated("secretsmanager:GetSecretValue"):
                try:
                    found = self._clients.secretsmanager.get_secret_value(SecretId=name)
                except ClientError as error:
                    if code_of(error) == "ResourceNotFoundException":  # an entry without any version
                        return False
                    raise
        except Denied:
            return None
        return bool(found.get("SecretString", "").strip() or found.get("SecretBinary"))
