variable "region" {
  description = "Where everything lives."
  type        = string
  default     = "us-west-2"
}

variable "artifact_bucket" {
  description = "The bucket that the deploy workflow stores release archives in."
  type        = string
  default     = "acme-moonphase-artifacts"
}

variable "log_retention_days" {
  description = "How long the nodes' logs are kept."
  type        = number
  default     = 14
}
