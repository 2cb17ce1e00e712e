environment = "production"
vpc_id      = "vpc-0a31c5de9b7f24186"
subnets     = ["subnet-04be1c77d2a96f053", "subnet-0d95ae3310c68b7f2"]
replicas    = 4
office_cidr = "198.51.100.0/24"
