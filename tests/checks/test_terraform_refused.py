import pytest

from tasks.domain.finding import Weight
from tests.checks.testing import CI, ask, job, places

BUCKET = """\
resource "aws_s3_bucket" "b" {
  bucket = "x"
}
resource "aws_s3_bucket_acl" "a" {
  bucket = aws_s3_bucket.b.id
  acl    = "private"
}
"""
CONTROLS = """\
resource "aws_s3_bucket_ownership_controls" "o" {
  bucket = aws_s3_bucket.b.id
  rule {
    object_ownership = "%s"
  }
}
"""
APPLIED = {CI: job("- uses: actions/checkout@v4\n- run: terraform -chdir=infra apply")}


def test_an_acl_on_a_bucket_whose_acls_nothing_turns_on_ends_the_apply() -> None:
    (found,) = ask("bucket-acl-accepted", {"infra/main.tf": BUCKET, **APPLIED})
    assert places([found]) == [("infra/main.tf", 4)]
    assert "AccessControlListNotSupported" in found.message
    assert found.weight is Weight.BLOCKER
    (found,) = ask("bucket-acl-accepted", {"infra/main.tf": BUCKET})
    assert found.weight is Weight.WARNING  # who applies it may have had the bucket for years


def test_ownership_that_turns_acls_on_is_fine_and_one_that_turns_them_off_is_not() -> None:
    for owner in ("BucketOwnerPreferred", "ObjectWriter"):
        assert ask("bucket-acl-accepted", {"main.tf": BUCKET + CONTROLS % owner}) == []
    (found,) = ask("bucket-acl-accepted", {"main.tf": BUCKET + CONTROLS % "BucketOwnerEnforced"})
    assert [one.line for one in found.evidence] == [4, 1, 11]


def test_what_is_computed_counted_or_made_elsewhere_is_not_judged() -> None:
    computed = CONTROLS.replace('"%s"', "var.ownership")
    for text in (
        BUCKET + computed,
        BUCKET + CONTROLS.replace("aws_s3_bucket.b.id", "each.value") % "BucketOwnerPreferred",
        BUCKET.replace(
            'resource "aws_s3_bucket_acl" "a" {', 'resource "aws_s3_bucket_acl" "a" {\n  count = 0'
        ),
        BUCKET.replace("aws_s3_bucket.b.id", "var.bucket"),
        BUCKET + 'provider "aws" {\n  endpoints {\n    s3 = "http://localhost:9000"\n  }\n}\n',
    ):
        assert ask("bucket-acl-accepted", {"main.tf": text}) == []


def test_a_bucket_that_is_made_with_an_acl_for_others_ends_the_apply_and_a_private_one_does_not() -> None:
    text = 'resource "aws_s3_bucket" "b" {\n  bucket = "x"\n  acl    = "public-read"\n}\n'
    (found,) = ask("bucket-acl-accepted", {"main.tf": text})
    assert places([found]) == [("main.tf", 3)]
    assert "InvalidBucketAclWithObjectOwnership" in found.message
    assert ask("bucket-acl-accepted", {"main.tf": text.replace("public-read", "private")}) == []


def test_buckets_of_several_modules_are_told_once() -> None:
    (found,) = ask("bucket-acl-accepted", {"a/main.tf": BUCKET, "b/main.tf": BUCKET})
    assert len(found.evidence) == 4
    both = 'resource "aws_s3_bucket" "b" {\n  acl = "public-read"\n}\n' + BUCKET.partition("}\n")[2]
    (found,) = ask("bucket-acl-accepted", {"main.tf": both})
    assert "InvalidBucketAcl" in found.message
    assert "NotSupported" not in found.message


PUBLIC = BUCKET.replace("private", "public-read")
OBJECT = """\
resource "aws_s3_object" "o" {
  bucket = %s
  key    = "k"
  acl    = "%s"
}
"""


def test_a_bucket_for_everybody_needs_more_than_ownership_and_its_objects_are_told_with_it() -> None:
    (found,) = ask(
        "bucket-acl-accepted", {"main.tf": PUBLIC + OBJECT % ("aws_s3_bucket.b.id", "public-read")}
    )
    assert [one.line for one in found.evidence] == [4, 1, 11]
    assert "objects of them ask for ACLs too: aws_s3_object.o" in found.message
    assert found.remedy is not None
    for needed in ("aws_s3_bucket_public_access_block", "aws_s3_bucket_policy", "BucketOwnerPreferred"):
        assert needed in found.remedy.summary
    (found,) = ask("bucket-acl-accepted", {"main.tf": BUCKET})
    assert found.remedy is not None
    assert "public_access_block" not in found.remedy.summary


def test_an_object_of_another_module_is_followed_to_its_bucket() -> None:
    files = {
        "m/main.tf": PUBLIC + 'output "name" {\n  value = aws_s3_bucket.b.bucket\n}\n',
        "o/main.tf": 'variable "bucket" {}\n' + OBJECT % ("var.bucket", "public-read"),
        "main.tf": 'locals {\n  b = module.m.name\n}\nmodule "m" {\n  source = "./m"\n}\n'
        'module "o" {\n  source = "./o"\n  bucket = local.b\n}\n',
    }
    (found,) = ask("bucket-acl-accepted", files)
    assert [(one.file, one.line) for one in found.evidence] == [
        ("m/main.tf", 4),
        ("m/main.tf", 1),
        ("o/main.tf", 5),
    ]


def test_objects_that_ask_for_nothing_new_or_lie_elsewhere_are_not_told() -> None:
    for bucket, acl in (("aws_s3_bucket.b.id", "bucket-owner-full-control"), ("var.bucket", "public-read")):
        (found,) = ask("bucket-acl-accepted", {"main.tf": PUBLIC + OBJECT % (bucket, acl)})
        assert [one.line for one in found.evidence] == [4, 1]


def function(runtime: str, more: str = "") -> str:
    return f'resource "aws_lambda_function" "f" {{\n  runtime = {runtime}\n{more}}}\n'


def test_a_runtime_on_which_aws_creates_nothing_is_named_and_one_without_updates_is_noted() -> None:
    (found,) = ask("lambda-runtime-offered", {"main.tf": function('"go1.x"')})
    assert places([found]) == [("main.tf", 2)]
    assert "creates no function on it since 2024-02-08" in found.message
    assert found.weight is Weight.BLOCKER
    assert found.remedy is not None
    assert "provided.al2023" in found.remedy.summary
    (found,) = ask("lambda-runtime-offered", {"main.tf": function('"provided.al2"')})
    assert found.weight is Weight.NOTE


def test_a_runtime_by_default_is_judged_where_the_default_stands() -> None:
    files = {"main.tf": function("var.r"), "v.tf": 'variable "r" {\n  default = "provided"\n}\n'}
    assert places(ask("lambda-runtime-offered", files)) == [("v.tf", 2)]


def test_runtimes_that_are_kept_up_images_and_unknown_ones_are_fine() -> None:
    for runtime in ('"provided.al2023"', '"python3.13"', "local.runtime", '"rust1.x"'):
        assert ask("lambda-runtime-offered", {"main.tf": function(runtime)}) == []
    assert ask("lambda-runtime-offered", {"main.tf": function('"go1.x"', '  package_type = "Image"\n')}) == []


def test_a_function_of_the_registrys_module_is_judged_too() -> None:
    text = 'module "f" {\n  source  = "terraform-aws-modules/lambda/aws"\n  runtime = "provided"\n}\n'
    assert places(ask("lambda-runtime-offered", {"main.tf": text})) == [("main.tf", 3)]
    assert ask("lambda-runtime-offered", {"main.tf": text.replace("lambda/aws", "other/aws")}) == []


def test_functions_on_one_runtime_are_told_once() -> None:
    two = function('"go1.x"') + function('"go1.x"').replace('"f"', '"g"')
    (found,) = ask("lambda-runtime-offered", {"main.tf": two})
    assert found.message.startswith("aws_lambda_function.f and aws_lambda_function.g are on")


CLUSTER = 'resource "aws_eks_cluster" "c" {{\n  name    = "c"\n  version = {version}\n}}\n'


def test_a_version_of_kubernetes_that_eks_has_ended_is_named() -> None:
    (found,) = ask("eks-version-offered", {"main.tf": CLUSTER.format(version='"1.23"')})
    assert (places([found]), found.weight) == ([("main.tf", 3)], Weight.WARNING)
    module = 'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  cluster_version = var.v\n}\n'
    files = {"main.tf": module, "v.tf": 'variable "v" {\n  default = "1.29"\n}\n'}
    assert places(ask("eks-version-offered", files)) == [("v.tf", 2)]


@pytest.mark.parametrize("version", ['"1.31"', '"1.36"', "var.unknown", '"1.3x"', "null"])
def test_a_version_that_eks_offers_or_that_nobody_knows_is_fine(version: str) -> None:
    assert ask("eks-version-offered", {"main.tf": CLUSTER.format(version=version)}) == []
