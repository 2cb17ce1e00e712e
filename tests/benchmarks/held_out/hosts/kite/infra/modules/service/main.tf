variable "name" {
  type = string
}

variable "image" {
  type = string
}

variable "replicas" {
  type = number
}

variable "vpc_id" {
  type = string
}

variable "subnets" {
  type = list(string)
}

resource "aws_security_group" "service" {
  name        = var.name
  description = "What reaches the service."
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "http" {
  security_group_id = aws_security_group.service.id
  description       = "HTTP inside the network"
  cidr_ipv4         = "10.0.0.0/8"
  from_port         = 7070
  to_port           = 7070
  ip_protocol       = "tcp"
}

resource "aws_ecs_cluster" "this" {
  name = var.name
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = 256
  memory                   = 512

  container_definitions = jsonencode([{
    name         = "kite"
    image        = var.image
    portMappings = [{ containerPort = 7070 }]
  }])
}

resource "aws_ecs_service" "this" {
  name            = "kite"
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = var.replicas
  launch_type     = "FARGATE"

  network_configuration {
    subnets         = var.subnets
    security_groups = [aws_security_group.service.id]
  }
}

output "arn" {
  value = aws_ecs_service.this.id
}
