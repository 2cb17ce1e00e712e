output "service_arn" {
  value = module.service.arn
}

output "bastion" {
  value = aws_instance.bastion.public_ip
}

output "account" {
  value = data.aws_caller_identity.here.account_id
}
