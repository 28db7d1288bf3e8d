terraform {
  required_version = ">= 1.11"
  required_providers {
    lambda = { source = "lambda-invocation/lambda" }
  }
}

# Runs when it is created, when its input changes, and when it is destroyed. The function
# finds what happens, and the input of before, under the key tf of its event.
resource "lambda_invocation" "database" {
  function_name   = "identity"
  lifecycle_scope = "CRUD"
  input           = jsonencode({ database = "orders", users = ["app"] })

  # An answer without this fails the apply, and the next one tries again.
  success = { "/database" = "orders" }
}

output "users" {
  value = jsondecode(lambda_invocation.database.result).users
}
