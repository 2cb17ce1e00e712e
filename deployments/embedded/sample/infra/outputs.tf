output "log_groups" {
  description = "Where each environment's logs are, by environment."
  value       = { for name, group in aws_cloudwatch_log_group.service : name => group.name }
}

output "node_policies" {
  description = "The policies to attach to the nodes' roles, by environment."
  value       = { for name, policy in aws_iam_policy.node : name => policy.arn }
}
