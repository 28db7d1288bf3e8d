terraform {
  required_version = ">= 1.14"
  required_providers {
    lambda = { source = "lambda-invocation/lambda" }
  }
}

# Runs when something else is created or changes; by itself with
# terraform apply -invoke=action.lambda_invoke.warm_up
action "lambda_invoke" "warm_up" {
  config {
    function_name = "log"
    payload       = jsonencode({ lines = ["ready"] })
    log_type      = "Tail"
  }
}

resource "terraform_data" "deployment" {
  input = "release 1"
  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.lambda_invoke.warm_up]
    }
  }
}
