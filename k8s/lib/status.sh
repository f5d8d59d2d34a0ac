# shellcheck shell=bash
# What is here, one line each.

# show_status: fails when something is not ready.
show_status() {
  local ok=0
  status_line 'Jaeger' "$JAEGER_VERSION" observability jaeger workloads_ready observability || ok=1
  status_line 'Kafka (Strimzi)' "$STRIMZI_VERSION-$KAFKA_VERSION" kafka kafka has_condition kafka kafka/ebb Ready || ok=1
  status_line 'PostgreSQL' "$POSTGRES_VERSION" ebb-data postgres workloads_ready ebb-data || ok=1
  status_line 'Knative Serving' "$KNATIVE_SERVING_VERSION" knative-serving serving workloads_ready knative-serving || ok=1
  status_line 'kourier' "$NET_KOURIER_VERSION" kourier-system kourier workloads_ready kourier-system || ok=1
  status_line 'Knative Eventing' "$KNATIVE_EVENTING_VERSION" knative-eventing eventing workloads_ready knative-eventing || ok=1
  status_line 'Kafka broker' "$EVENTING_KAFKA_BROKER_VERSION" knative-eventing kafka-broker kafka_broker_ready || ok=1
  return "$ok"
}

status_line() {
  local name=$1 wanted=$2 namespace=$3 component=$4 there missing state=ready
  shift 4
  if is_without "$component"; then return 0; fi
  there=$(mark_of "$namespace" "$component")
  missing=$("$@") || state="not ready: $missing"
  case $there in
    "$wanted") ;;
    '') there='not by these scripts' ;;
    installing) state="half installed; $state" ;;
    *) there="$there, wanted is $wanted" ;;
  esac
  printf '%-18s %-24s %s\n' "$name" "$there" "$state"
  [[ $state == ready ]]
}

# Its namespace is that of Eventing, whose workloads say nothing of it.
kafka_broker_ready() {
  if [[ -z $(mark_of knative-eventing kafka-broker) ]] && ! kube_exists deployment/kafka-controller -n knative-eventing; then
    printf 'deployment/kafka-controller'
    return 1
  fi
  workloads_ready knative-eventing
}
