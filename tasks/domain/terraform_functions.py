"""The functions that Terraform and OpenTofu have: a closed list, to which only providers add their own."""

from __future__ import annotations

from tasks.domain.spelling import misspelled

_TERRAFORM = frozenset(
    {
        "abs", "abspath", "alltrue", "anytrue", "base64decode", "base64encode", "base64gzip",
        "base64sha256", "base64sha512", "basename", "bcrypt", "can", "ceil", "chomp", "chunklist",
        "cidrhost", "cidrnetmask", "cidrsubnet", "cidrsubnets", "coalesce", "coalescelist", "compact",
        "concat", "contains", "csvdecode", "dirname", "distinct", "element", "endswith",
        "ephemeralasnull", "file", "filebase64", "filebase64sha256", "filebase64sha512", "fileexists",
        "filemd5", "fileset", "filesha1", "filesha256", "filesha512", "flatten", "floor", "format",
        "formatdate", "formatlist", "indent", "index", "issensitive", "join", "jsondecode",
        "jsonencode", "keys", "length", "log", "lookup", "lower", "matchkeys", "max", "md5", "merge",
        "min", "nonsensitive", "one", "parseint", "pathexpand", "plantimestamp", "pow", "range",
        "regex", "regexall", "replace", "reverse", "rsadecrypt", "sensitive", "setintersection",
        "setproduct", "setsubtract", "setunion", "sha1", "sha256", "sha512", "signum", "slice", "sort",
        "split", "startswith", "strcontains", "strrev", "substr", "sum", "templatefile",
        "templatestring", "textdecodebase64", "textencodebase64", "timeadd", "timecmp", "timestamp",
        "title", "tobool", "tolist", "tomap", "tonumber", "toset", "tostring", "transpose", "trim",
        "trimprefix", "trimspace", "trimsuffix", "try", "type", "upper", "urlencode", "uuid", "uuidv5",
        "values", "yamldecode", "yamlencode", "zipmap",
    }
)  # fmt: skip
"""``terraform metadata functions -json`` of 1.11.4, and ``type``, which only the console has."""
_OTHERS = frozenset(
    {
        "base64gunzip", "cidrcontains", "convert", "defaults", "deprecate", "list", "map", "urldecode",
    }
)  # fmt: skip
"""What OpenTofu or another version of Terraform has besides, or had."""
_ELSEWHERE = {
    "capitalize": "title", "has": "contains", "includes": "contains", "json_decode": "jsondecode",
    "json_encode": "jsonencode", "len": "length", "lowercase": "lower", "parsejson": "jsondecode",
    "stringify": "jsonencode", "strip": "trimspace", "strlen": "length", "substring": "substr",
    "to_list": "tolist", "to_map": "tomap", "to_number": "tonumber", "to_set": "toset",
    "to_string": "tostring", "tojson": "jsonencode", "tolower": "lower", "toupper": "upper",
    "uppercase": "upper", "yaml_decode": "yamldecode", "yaml_encode": "yamlencode",
}  # fmt: skip
"""How other languages call a function -> Terraform's."""


def meant(function: str) -> str | None:
    """Return the function that was meant by a name which none has; None for others, which may be newer."""
    name = function.removeprefix("core::")
    if name in _TERRAFORM or name in _OTHERS or "::" in name:
        return None
    return _ELSEWHERE.get(name.lower()) or misspelled(name, _TERRAFORM)
