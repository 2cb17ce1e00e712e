"""Keys of this world: the sealed box for secrets, the signer of links and of identity tokens."""

import base64
import hashlib
import hmac
import os
import threading
import time
from functools import cached_property
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox


class Vault:
    """Private keys in files of mode 600; nothing of them leaves but signatures and opened boxes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._box_key = PrivateKey(_kept(folder / "sealed-box.key", lambda: bytes(PrivateKey.generate())))
        self._link_key = _kept(folder / "links.key", lambda: os.urandom(32))
        self._folder = folder
        self._making = threading.Lock()

    @cached_property
    def _rsa(self) -> rsa.RSAPrivateKey:
        # Made when the first token is asked for: it takes longer than everything else at a start.
        with self._making:
            return _rsa_key(_kept(self._folder / "issuer.pem", _new_rsa))

    @property
    def public_key(self) -> str:
        """The key that clients seal secrets for, in base64."""
        return base64.b64encode(bytes(self._box_key.public_key)).decode()

    @property
    def public_key_id(self) -> str:
        """The name of `public_key`, a long number as on GitHub."""
        return str(int.from_bytes(hashlib.sha256(bytes(self._box_key.public_key)).digest()[:7]))

    def open(self, sealed: str) -> str | None:
        """Return what a sealed box holds, or None when it was not sealed for this key."""
        try:
            return SealedBox(self._box_key).decrypt(base64.b64decode(sealed, validate=True)).decode()
        except (CryptoError, ValueError):
            return None

    def seal(self, value: str) -> str:
        """Seal a value as a client would."""
        return base64.b64encode(SealedBox(self._box_key.public_key).encrypt(value.encode())).decode()

    def link_signature(self, path: str, expires: int) -> str:
        """Return the signature that makes a link to the blob host good until `expires`."""
        return hmac.new(self._link_key, f"{path}\n{expires}".encode(), hashlib.sha256).hexdigest()

    def link_is_good(self, path: str, expires: str, signature: str) -> bool:
        """Say whether a link was made here and has not ended."""
        if not expires.isdigit() or int(expires) < time.time():
            return False
        return hmac.compare_digest(self.link_signature(path, int(expires)), signature)

    def sign(self, claims: dict[str, Any]) -> str:
        """Return an identity token, RS256."""
        return jwt.encode(claims, self._rsa, algorithm="RS256", headers={"kid": self.key_id})

    @property
    def key_id(self) -> str:
        """The name of the issuer's key."""
        return hashlib.sha256(self._public_der()).hexdigest()[:40]

    def jwks(self) -> dict[str, Any]:
        """Return the issuer's public key as a JSON Web Key Set."""
        key = jwt.algorithms.RSAAlgorithm.to_jwk(self._rsa.public_key(), as_dict=True)
        return {
            "keys": [
                {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.key_id, "n": key["n"], "e": key["e"]}
            ]
        }

    def _public_der(self) -> bytes:
        return self._rsa.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def _rsa_key(pem: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _new_rsa() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _kept(path: Path, make: Any) -> bytes:
    """Return the content of a key file, made with mode 600 the first time."""
    if not path.exists():
        partial = path.with_suffix(".new")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
        partial.replace(path)
    return path.read_bytes()
