variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "environment" {
  description = "staging or production."
  type        = string
}

variable "vpc_id" {
  description = "The network that everything stands in."
  type        = string
}

variable "subnets" {
  description = "Private subnets, one a zone."
  type        = list(string)
}

variable "replicas" {
  type    = number
  default = 2
}

variable "office_cidr" {
  description = "Where people may come from."
  type        = string
}

variable "pager_url" {
  description = "Where alarms are sent."
  type        = string
  sensitive   = true
}
