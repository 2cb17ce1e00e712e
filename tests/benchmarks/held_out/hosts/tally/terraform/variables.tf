variable "region" {
  type    = string
  default = "us-east-2"
}

variable "subnet_id" {
  type = string
}

variable "key_name" {
  type = string
}

variable "nodes" {
  type    = number
  default = 2

  validation {
    condition     = var.nodes > 0
    error_message = "There has to be a node."
  }
}

variable "open_ports" {
  type    = list(number)
  default = [443]
}
