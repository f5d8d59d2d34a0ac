# shellcheck shell=bash
# Everything that a cluster needs before the chart, in this order. What takes long to start is started first, and waited for last.

# shellcheck disable=SC2034 # who installs adds its own steps to these
readonly INSTALL_STEPS=8

install_all() {
  step "Jaeger $JAEGER_VERSION"
  install_jaeger
  step "Strimzi $STRIMZI_VERSION and Kafka $KAFKA_VERSION"
  install_kafka
  step "PostgreSQL $POSTGRES_VERSION, for a trial"
  install_postgres
  step "Knative Serving $KNATIVE_SERVING_VERSION"
  install_serving
  step "kourier $NET_KOURIER_VERSION"
  install_kourier
  step "Knative Eventing $KNATIVE_EVENTING_VERSION and its Kafka broker $EVENTING_KAFKA_BROKER_VERSION"
  install_eventing
  install_kafka_broker
  step 'Secrets'
  install_secrets
  step 'What started meanwhile'
  await_jaeger
  await_postgres
  await_kafka
}

# tell_next <how to load images>: what a person does now.
tell_next() {
  local values=''
  # Only on a machine of one's own.
  if [[ -n $HTTP_PORT ]]; then values=' --values k8s/trial.yaml'; fi
  say ''
  say "The cluster is ready for Ebb. Next:"
  if [[ -n $1 ]]; then say "  $1"; fi
  say "  helm upgrade --install ebb helm/ebb --kube-context $CONTEXT --namespace $NAMESPACE --wait --timeout 10m$values"
  say "  helm test ebb --kube-context $CONTEXT --namespace $NAMESPACE --logs"
  say 'Traces: http://localhost:16686, while this runs:'
  say "  kubectl --context $CONTEXT port-forward -n observability service/jaeger-query 16686"
  local worker
  for worker in $(public_workers); do
    say "Clients come to $worker: http://localhost:8000, while this runs:"
    say "  kubectl --context $CONTEXT port-forward -n $NAMESPACE service/$worker 8000:80"
  done
  if [[ -n $HTTP_PORT ]]; then say "Services: http://orders.$NAMESPACE.$DOMAIN:$HTTP_PORT, and so on."; fi
}
