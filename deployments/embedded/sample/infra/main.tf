# The buckets and the deploy role are made before Terraform can run; here is what comes after them.

locals {
  environments = toset(["staging", "production"])
}

data "aws_s3_bucket" "artifacts" {
  bucket = var.artifact_bucket
}

resource "aws_cloudwatch_log_group" "service" {
  for_each = local.environments

  name              = "/moonphase/${each.key}"
  retention_in_days = var.log_retention_days

  tags = {
    Environment = each.key
  }
}

# What a node may do: read release archives, and write its own log.
data "aws_iam_policy_document" "node" {
  for_each = local.environments

  statement {
    actions   = ["s3:GetObject"]
    resources = ["${data.aws_s3_bucket.artifacts.arn}/releases/*"]
  }

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.service[each.key].arn}:*"]
  }
}

resource "aws_iam_policy" "node" {
  for_each = local.environments

  name        = "moonphase-node-${each.key}"
  description = "What a ${each.key} node of moonphase may do."
  policy      = data.aws_iam_policy_document.node[each.key].json
}
