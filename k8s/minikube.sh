#!/usr/bin/env bash
# A cluster of minikube on this machine, with all that Ebb needs in it.
set -euo pipefail
K8S=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/main.sh
. "$K8S/lib/main.sh"

usage() {
  cat <<'TEXT'
usage: k8s/minikube.sh up|down|status [--dry-run] [--without LIST]

  up       make the profile "ebb" (context ebb) and install what is missing; to run it again does no harm
  down     delete the profile, and all data in it
  status   what is installed, and whether it is ready

  --dry-run        print every command instead of running it
  --without LIST   leave out: jaeger, kafka, postgres, serving, kourier, eventing, kafka-broker

EBB_HTTP_PORT    the port of this machine for the services (8081)
EBB_NAMESPACE    where the services go (ebb)
EBB_TIMEOUT      seconds for each step that waits, instead of its own limit
TEXT
}

readonly PROFILE=ebb

up() {
  need docker minikube kubectl helm
  need_docker
  STEPS=$((INSTALL_STEPS + 1))
  step "a cluster of minikube: Kubernetes $KUBERNETES_VERSION"
  if [[ $(ask minikube status --profile "$PROFILE" --format '{{.Host}} {{.APIServer}}') == 'Running Running' ]]; then
    say "      the profile $PROFILE is here already"
  else
    # Also starts one that was stopped; its ports and size stay those that it was made with.
    run minikube start --profile "$PROFILE" --driver=docker --kubernetes-version="v$KUBERNETES_VERSION" \
      --cpus=4 --memory=6g --ports="127.0.0.1:$HTTP_PORT:31080" --wait=apiserver,system_pods
  fi
  need_cluster
  install_all
  tell_next 'k8s/images.sh minikube'
}

options_of "$@"
CONTEXT=$PROFILE
HTTP_PORT=${EBB_HTTP_PORT:-8081}
SMALL=1
case ${REST[*]-} in
  up) up ;;
  down)
    need minikube
    run minikube delete --profile "$PROFILE"
    ;;
  status)
    need kubectl
    need_cluster
    show_status
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac
