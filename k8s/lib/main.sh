# shellcheck shell=bash
# What the scripts share: sourced by each of them, after K8S is set.

# shellcheck source=versions.env
. "$K8S/versions.env"

DRY_RUN=0
# Components that are not wanted, separated by commas.
WITHOUT=''
# The context of kubectl and Helm.
CONTEXT=''
# Where the services and their Secrets go.
NAMESPACE=${EBB_NAMESPACE:-ebb}
# Where Jaeger takes traces.
OTLP_URL=http://jaeger-collector.observability.svc.cluster.local:4318
# The port of this machine that leads to the services; none on a cluster that somebody else made.
HTTP_PORT=''
# What the names of services end with.
DOMAIN=localhost
# Ask for little: for one machine.
SMALL=0
POLL_SECONDS=${EBB_POLL_SECONDS:-5}

# shellcheck source=lib/output.sh
. "$K8S/lib/output.sh"
# shellcheck source=lib/cluster.sh
. "$K8S/lib/cluster.sh"
# shellcheck source=lib/wait.sh
. "$K8S/lib/wait.sh"
# shellcheck source=lib/prerequisites.sh
. "$K8S/lib/prerequisites.sh"
# shellcheck source=lib/jaeger.sh
. "$K8S/lib/jaeger.sh"
# shellcheck source=lib/kafka.sh
. "$K8S/lib/kafka.sh"
# shellcheck source=lib/postgres.sh
. "$K8S/lib/postgres.sh"
# shellcheck source=lib/serving.sh
. "$K8S/lib/serving.sh"
# shellcheck source=lib/eventing.sh
. "$K8S/lib/eventing.sh"
# shellcheck source=lib/secrets.sh
. "$K8S/lib/secrets.sh"
# shellcheck source=lib/install.sh
. "$K8S/lib/install.sh"
# shellcheck source=lib/status.sh
. "$K8S/lib/status.sh"

readonly COMPONENTS='jaeger kafka postgres serving kourier eventing kafka-broker'

# options_of <argument…>: reads what all scripts understand, and leaves the rest in REST.
options_of() {
  REST=()
  while (($# > 0)); do
    case $1 in
      --dry-run) DRY_RUN=1 ;;
      --without | --context)
        if (($# < 2)); then fail "$1 wants a value after it"; fi
        if [[ $1 == --context ]]; then CONTEXT=$2; else without "$2"; fi
        shift
        ;;
      -h | --help) usage && exit 0 ;;
      -*) fail "there is no option $1" "$(usage)" ;;
      *) REST+=("$1") ;;
    esac
    shift
  done
}

without() {
  local component
  for component in ${1//,/ }; do
    [[ " $COMPONENTS " == *" $component "* ]] || fail "--without $component: there is no such component" "There are: $COMPONENTS"
  done
  WITHOUT=$1
}
