environment = "staging"
vpc_id      = "vpc-06d2f8ab41c09e735"
subnets     = ["subnet-0b7e94c2f16a3d580"]
office_cidr = "198.51.100.0/24"
