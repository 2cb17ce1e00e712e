terraform {
  required_version = ">= 1.9, < 2.0"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.60, < 6.0"
    }
  }
  backend "s3" {
    bucket       = "abacus-tally-state"
    key          = "tally.tfstate"
    region       = "us-east-2"
    use_lockfile = true
    encrypt      = true
  }
}

provider "aws" {
  region = var.region
}

data "aws_ami" "al2023" {
  most_recent = true
  owners      = ["amazon"]
  filter {
    name   = "name"
    values = ["al2023-ami-2023.*-x86_64"]
  }
}

data "aws_subnet" "chosen" {
  id = var.subnet_id
}

resource "aws_iam_role" "node" {
  name = "tally-node"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "node" {
  name   = "node"
  role   = aws_iam_role.node.id
  policy = file("${path.module}/../policies/node.json")
}

resource "aws_iam_role_policy_attachment" "ssm" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "node" {
  name = "tally-node"
  role = aws_iam_role.node.name
}

resource "aws_security_group" "node" {
  name   = "tally-node"
  vpc_id = data.aws_subnet.chosen.vpc_id

  dynamic "ingress" {
    for_each = toset(var.open_ports)
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["203.0.113.0/24"]
  }
}

resource "aws_instance" "node" {
  count = var.nodes

  ami                    = data.aws_ami.al2023.id
  instance_type          = "t3.small"
  subnet_id              = var.subnet_id
  iam_instance_profile   = aws_iam_instance_profile.node.name
  vpc_security_group_ids = [aws_security_group.node.id]
  key_name               = var.key_name
  user_data = templatefile("${path.module}/node.sh.tftpl", {
    device = "/dev/nvme1n1"
    mount  = "/var/lib/tally"
  })

  metadata_options {
    http_tokens = "required"
  }

  tags = {
    Name = "tally-${count.index}"
    Role = "tally-node"
  }
}

resource "aws_ebs_volume" "data" {
  count             = var.nodes
  availability_zone = data.aws_subnet.chosen.availability_zone
  size              = 20
  encrypted         = true
}

resource "aws_volume_attachment" "data" {
  count       = var.nodes
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.data[count.index].id
  instance_id = aws_instance.node[count.index].id
}
