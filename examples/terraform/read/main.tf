terraform {
  required_version = ">= 1.11"
  required_providers {
    lambda = { source = "lambda-invocation/lambda" }
  }
}

# Runs in every plan: only for functions that change nothing.
data "lambda_invocation" "settings" {
  function_name = "identity"
  input         = jsonencode({ instances = 2 })
}

output "instances" {
  value = jsondecode(data.lambda_invocation.settings.result).instances
}
