#!/usr/bin/env bash
# Builds the images of all services and loads them into a cluster on this machine: no registry takes part.
set -euo pipefail
K8S=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/main.sh
. "$K8S/lib/main.sh"

usage() {
  cat <<'TEXT'
usage: k8s/images.sh kind|minikube [--dry-run]

Builds every image with docker, and loads them into the cluster that k8s/kind.sh or k8s/minikube.sh made.

EBB_REGISTRY     what the names of images begin with (dev.local/ebb, which Knative neither resolves nor pulls)
EBB_TAG          their tag (the chart's appVersion)
TEXT
}

# images: the names of all of them: one for each app of the chart, and that of its test.
images() {
  local name
  for name in $(app_names) conformance; do say "$REGISTRY/$name:$TAG"; done
}

options_of "$@"
case ${REST[*]-} in
  kind | minikube) ;;
  *)
    usage >&2
    exit 2
    ;;
esac
cd "$K8S/.."
REGISTRY=${EBB_REGISTRY:-dev.local/ebb}
TAG=${EBB_TAG:-$(sed -n 's/^appVersion: *//p' helm/ebb/Chart.yaml | tr -d "\"'")}
need docker node "${REST[0]}"
need_docker
STEPS=2
step "images $REGISTRY/…:$TAG"
# Without attestations: an image with them is an index, which kind cannot load from every engine.
run env BUILDX_NO_DEFAULT_ATTESTATIONS=1 REGISTRY="$REGISTRY" TAG="$TAG" node docker/images.mjs
step "into ${REST[0]}"
for image in $(images); do
  if [[ ${REST[0]} == kind ]]; then run kind load docker-image --name ebb "$image"; else run minikube image load --profile ebb "$image"; fi
done
