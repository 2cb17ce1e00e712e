terraform {
  required_version = "~> 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.90"
    }
  }

  backend "s3" {}
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      Project     = "kite"
      Environment = var.environment
    }
  }
}

locals {
  name  = "kite-${var.environment}"
  image = "ghcr.io/lofty/kite:${data.aws_ssm_parameter.tag.value}"
}

data "aws_caller_identity" "here" {}

data "aws_ssm_parameter" "tag" {
  name = "/kite/${local.name}/tag"
}

data "aws_vpc" "main" {
  id = var.vpc_id
}

module "service" {
  source = "./modules/service"

  name     = local.name
  image    = local.image
  replicas = var.replicas
  vpc_id   = data.aws_vpc.main.id
  subnets  = var.subnets
}

resource "aws_security_group" "bastion" {
  name        = "${local.name}-bastion"
  description = "Who may reach the bastion."
  vpc_id      = data.aws_vpc.main.id

  ingress {
    description = "SSH from the office"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [var.office_cidr]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

data "aws_ami" "bastion" {
  most_recent = true
  owners      = ["099720109477"]

  filter {
    name   = "name"
    values = ["ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*"]
  }
}

resource "aws_instance" "bastion" {
  ami                    = data.aws_ami.bastion.id
  instance_type          = "t3.micro"
  subnet_id              = var.subnets[0]
  vpc_security_group_ids = [aws_security_group.bastion.id]

  metadata_options {
    http_tokens   = "required"
    http_endpoint = "enabled"
  }

  root_block_device {
    encrypted = true
  }

  tags = {
    Name = "${local.name}-bastion"
    Role = "bastion"
  }
}

resource "aws_sns_topic" "pager" {
  name = "${local.name}-pager"
}

resource "aws_sns_topic_subscription" "pager" {
  topic_arn = aws_sns_topic.pager.arn
  protocol  = "https"
  endpoint  = var.pager_url
}
