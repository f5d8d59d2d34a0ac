#!/usr/bin/env bash
# A cluster of kind on this machine, with all that Ebb needs in it.
set -euo pipefail
K8S=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/main.sh
. "$K8S/lib/main.sh"

usage() {
  cat <<'TEXT'
usage: k8s/kind.sh up|down|status [--dry-run] [--without LIST]

  up       make the cluster "ebb" (context kind-ebb) and install what is missing; to run it again does no harm
  down     delete the cluster, and all data in it
  status   what is installed, and whether it is ready

  --dry-run        print every command instead of running it
  --without LIST   leave out: jaeger, kafka, postgres, serving, kourier, eventing, kafka-broker

EBB_HTTP_PORT    the port of this machine for the services (8081)
EBB_NAMESPACE    where the services go (ebb)
EBB_TIMEOUT      seconds for each step that waits, instead of its own limit
TEXT
}

readonly CLUSTER=ebb
NODE=$CLUSTER-control-plane

up() {
  need docker kind kubectl helm
  need_docker
  STEPS=$((INSTALL_STEPS + 1))
  step "a cluster of kind: Kubernetes $KUBERNETES_VERSION"
  if ask kind get clusters | grep -Fxq "$CLUSTER"; then
    if [[ $(ask docker inspect -f '{{.State.Running}}' "$NODE") == true ]]; then
      say "      the cluster $CLUSTER is here already"
    else
      # As it is after the machine was started anew.
      run docker start "$NODE"
      wait_until 'the cluster answers' 120 default kube_ask get namespace default -o name
    fi
  else
    filled kind.yaml | run_with k8s/manifests/kind.yaml kind create cluster --name "$CLUSTER" --config - --wait 180s
  fi
  need_cluster
  install_all
  tell_next 'k8s/images.sh kind'
}

options_of "$@"
CONTEXT=kind-$CLUSTER
HTTP_PORT=${EBB_HTTP_PORT:-8081}
SMALL=1
case ${REST[*]-} in
  up) up ;;
  down)
    need docker kind
    run kind delete cluster --name "$CLUSTER"
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
