# shellcheck shell=bash
# Waiting, with a limit: what for is said while it lasts, and what to look at when it was in vain.

# wait_until <what> <seconds> <namespace> <check…>: the check says what is still missing and fails, until all is there.
wait_until() {
  local what=$1 seconds=${EBB_TIMEOUT:-$2} namespace=$3
  shift 3
  if is_dry_run; then
    say "# wait until $what, $seconds s at most"
    return 0
  fi
  local started=$SECONDS missing='' told=''
  until missing=$("$@"); do
    if [[ $missing != "$told" ]]; then
      say "      waiting for $missing ($((SECONDS - started)) of $seconds s)"
      told=$missing
    fi
    if ((SECONDS - started >= seconds)); then give_up "$what" "$seconds" "$namespace" "$missing"; fi
    sleep "$POLL_SECONDS"
  done
}

give_up() {
  local what=$1 seconds=$2 namespace=$3 missing=$4
  say "      what is in $namespace now:"
  kube_ask get pods -n "$namespace" -o wide || true
  kube_ask get events -n "$namespace" --field-selector type=Warning --sort-by=.lastTimestamp | tail -n 5 || true
  fail "$seconds s were not enough until $what: missing is $missing" \
    "See why:    kubectl --context $CONTEXT describe pods -n $namespace" \
    "            kubectl --context $CONTEXT get events -n $namespace --sort-by=.lastTimestamp" \
    'Pending pods want more memory or processors, or a volume (kubectl get storageclass); ImagePullBackOff is a registry that cannot be reached.' \
    "Then start the same command again: it goes on where it stopped. EBB_TIMEOUT=900 gives every step 900 s."
}

# workloads_ready <namespace>: whether all of its Deployments and StatefulSets have the pods that they want, of their newest version.
workloads_ready() {
  local rows
  rows=$(kube_ask get deployments,statefulsets -n "$1" -o \
    'jsonpath={range .items[*]}{.metadata.name}{"|"}{.spec.replicas}{"|"}{.status.readyReplicas}{"|"}{.status.updatedReplicas}{"\n"}{end}') || {
    printf 'an answer of the cluster'
    return 1
  }
  if [[ -z $rows ]]; then
    printf 'the first workload in %s' "$1"
    return 1
  fi
  awk -F'|' '
    $3 + 0 < $2 + 0 || $4 + 0 < $2 + 0 { missing = missing (missing ? ", " : "") $1 " (" $3 + 0 " of " $2 + 0 ")" }
    END { printf "%s", missing; exit missing != "" }' <<<"$rows"
}

# has_condition <namespace> <kind/name> <condition>: whether it is True; else its message.
has_condition() {
  local state
  state=$(kube_ask get "$2" -n "$1" -o "jsonpath={.status.conditions[?(@.type==\"$3\")].status}|{.status.conditions[?(@.type==\"$3\")].message}") || {
    printf '%s' "$2"
    return 1
  }
  if [[ ${state%%|*} == True ]]; then return 0; fi
  printf '%s (%s)' "$2" "${state#*|}"
  return 1
}

# crds_established <name…>
crds_established() {
  local crd
  for crd in "$@"; do has_condition default "crd/$crd" Established || return 1; done
}
