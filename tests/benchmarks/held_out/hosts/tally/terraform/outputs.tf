output "hosts" {
  value = aws_instance.node[*].public_dns
}

output "log_in" {
  value = [for one in aws_instance.node : "ssh ec2-user@${one.public_dns}"]
}
