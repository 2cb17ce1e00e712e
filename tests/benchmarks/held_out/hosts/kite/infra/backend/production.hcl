bucket       = "lofty-kite-tfstate"
key          = "production/terraform.tfstate"
region       = "eu-central-1"
encrypt      = true
use_lockfile = true
