# shellcheck shell=bash
# The cluster that is worked on: CONTEXT names it in every command, so that no other one is touched by mistake.

readonly SETTINGS_MANAGER=ebb-k8s-settings
readonly RELEASE_MANAGER=ebb-k8s-release

kube() { run kubectl --context "$CONTEXT" "$@"; }
kube_ask() { ask kubectl --context "$CONTEXT" "$@"; }
kube_exists() { kube_ask get "$@" -o name >/dev/null; }

# filled <manifest>: with the versions and settings in it that are written as ${NAME}.
filled() {
  local name script=''
  for name in KIND_NODE_IMAGE KAFKA_VERSION KAFKA_METADATA_VERSION JAEGER_VERSION POSTGRES_VERSION HTTP_PORT DOMAIN OTLP_URL; do
    script+="s|\${$name}|${!name}|g;"
  done
  sed -e "$script" "$K8S/manifests/$1"
}

# apply <manifest>: one of ours. Server-side, so that keys which others keep in the same object stay theirs.
apply() {
  filled "$1" | run_with "k8s/manifests/$1" kubectl --context "$CONTEXT" apply --server-side --field-manager="$SETTINGS_MANAGER" -f -
}

# apply_release <url>: a manifest as its project publishes it.
apply_release() {
  run_again kubectl --context "$CONTEXT" apply --server-side --force-conflicts --field-manager="$RELEASE_MANAGER" -f "$1"
}

# Which version of a component is here is written at the namespace that it lives in: empty, "installing", or a version.
mark_of() { kube_ask get namespace "$1" -o "jsonpath={.metadata.annotations.ebb\\.dev/$2}" || true; }
mark() { kube annotate namespace "$1" "ebb.dev/$2=$3" --overwrite; }

namespace() {
  kube_exists "namespace/$1" || kube create namespace "$1"
}

# is_mine <name> <namespace> <component> <version> <probe>: whether we install this component: not when somebody else did before us,
# and not when this very version is here. <probe> is an object that shows that it is there.
is_mine() {
  local name=$1 namespace=$2 component=$3 version=$4 probe=$5 there
  if is_without "$component"; then
    say "      $name is left out, as --without says"
    return 1
  fi
  there=$(mark_of "$namespace" "$component")
  if [[ $there == "$version" ]]; then
    say "      $name $version is here already"
    return 1
  fi
  # shellcheck disable=SC2086 # a probe is several words
  if [[ -z $there ]] && kube_exists $probe; then
    say "      $name is here, installed by somebody else: it is left as it is (ours would be $version)"
    return 1
  fi
}

is_without() { [[ ",$WITHOUT," == *",$1,"* ]]; }
