#!/usr/bin/env bash
# Installs what Ebb needs into a cluster that is there. What somebody else installed before is left as it is.
set -euo pipefail
K8S=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/main.sh
. "$K8S/lib/main.sh"

usage() {
  cat <<'TEXT'
usage: k8s/install.sh up|status --context CONTEXT [--dry-run] [--without LIST]

  up       install what is missing; to run it again does no harm
  status   what is installed, and whether it is ready

  --context CONTEXT   of kubectl: kubectl config get-contexts lists them
  --dry-run           print every command instead of running it
  --without LIST      leave out: jaeger, kafka, postgres, serving, kourier, eventing, kafka-broker

EBB_DOMAIN       what the names of services end with (Knative's own default when it is not set)
EBB_NAMESPACE    where the services go (ebb)
EBB_TIMEOUT      seconds for each step that waits, instead of its own limit

Kafka and PostgreSQL are for a trial: one node each. In earnest, leave both out and give the chart the addresses of yours.
TEXT
}

options_of "$@"
DOMAIN=${EBB_DOMAIN:-}
case ${REST[*]-} in
  up | status) ;;
  *)
    usage >&2
    exit 2
    ;;
esac
if [[ -z $CONTEXT ]]; then fail 'which cluster? Say --context CONTEXT.' 'kubectl config get-contexts lists those that you have.'; fi
need kubectl
if [[ ${REST[0]} == status ]]; then
  need_cluster
  show_status
else
  need helm
  need_cluster
  STEPS=$INSTALL_STEPS
  install_all
  tell_next ''
fi
