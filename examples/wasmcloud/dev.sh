#!/bin/sh
# Runs `wash dev` with a component that has no way out, linked to the plugin, which has
# one. Needs wash 2.10: earlier versions grant every component every address.
#
#     examples/wasmcloud/dev.sh [ADDRESS]
#
# Region, endpoint and credentials are those of the AWS_* variables; the plugin alone
# gets them. `cargo xtask build` builds both components.
set -eu

address=${1:-127.0.0.1:8000}
: "${AWS_REGION:?}" "${AWS_ACCESS_KEY_ID:?}" "${AWS_SECRET_ACCESS_KEY:?}"
endpoint=${AWS_ENDPOINT_URL_LAMBDA:-https://lambda.$AWS_REGION.amazonaws.com}
# wash refuses to start when one of these is not set.
secrets="AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY${AWS_SESSION_TOKEN:+, AWS_SESSION_TOKEN}"

cd "$(dirname "$0")/../.."
project=target/wasmcloud
mkdir -p "$project/.wash"
cat >"$project/.wash/config.yaml" <<END
build:
  command: "true"
  component_path: ../components/lambda-invocation-consumer.wasm

workload:
  # Of the consumer, and of every component that does not say otherwise. Without this
  # line everything would be allowed.
  allowedHosts: []

dev:
  address: $address
  components:
    - name: lambda-invocation
      file: ../components/lambda-invocation.wasm
      allowedHosts: ["$endpoint"]
      environment:
        config:
          AWS_REGION: "$AWS_REGION"
          AWS_ENDPOINT_URL_LAMBDA: "$endpoint"
        secretFrom: [aws]

secrets:
  aws:
    # By name: wash reads the values from the environment.
    fromEnv: [$secrets]
END
exec wash -C "$project" --non-interactive dev
