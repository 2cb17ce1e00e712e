subnet_id = "subnet-0c5f3b92a17de6480"
key_name  = "tally"
nodes     = 3
