# shellcheck shell=bash
# Knative Eventing, and its broker on Kafka.

readonly EVENTING_URL=https://github.com/knative/eventing/releases/download
readonly BROKER_URL=https://github.com/knative-extensions/eventing-kafka-broker/releases/download

install_eventing() {
  if is_mine 'Knative Eventing' knative-eventing eventing "$KNATIVE_EVENTING_VERSION" 'deployment/eventing-controller -n knative-eventing'; then
    namespace knative-eventing
    mark knative-eventing eventing installing
    # Before its components, as for Serving.
    apply eventing-settings.yaml
    apply_release "$EVENTING_URL/knative-v$KNATIVE_EVENTING_VERSION/eventing-crds.yaml"
    wait_until 'the kinds of Knative Eventing are known' 60 knative-eventing crds_established \
      brokers.eventing.knative.dev triggers.eventing.knative.dev pingsources.sources.knative.dev
    apply_release "$EVENTING_URL/knative-v$KNATIVE_EVENTING_VERSION/eventing-core.yaml"
    wait_until 'Knative Eventing is ready' 300 knative-eventing workloads_ready knative-eventing
    mark knative-eventing eventing "$KNATIVE_EVENTING_VERSION"
  fi
}

install_kafka_broker() {
  if is_mine 'the Kafka broker of Knative' knative-eventing kafka-broker "$EVENTING_KAFKA_BROKER_VERSION" 'deployment/kafka-controller -n knative-eventing'; then
    mark knative-eventing kafka-broker installing
    local part
    for part in controller broker source; do
      apply_release "$BROKER_URL/knative-v$EVENTING_KAFKA_BROKER_VERSION/eventing-kafka-$part.yaml"
    done
    if [[ $SMALL == 1 ]]; then
      # They ask for a whole processor each, and use little of it here.
      kube set resources statefulset/kafka-broker-dispatcher statefulset/kafka-source-dispatcher -n knative-eventing --requests=cpu=100m,memory=500Mi
      kube set resources deployment/kafka-broker-receiver -n knative-eventing --requests=cpu=100m,memory=300Mi
    fi
    wait_until 'the Kafka broker of Knative is ready' 300 knative-eventing workloads_ready knative-eventing
    mark knative-eventing kafka-broker "$EVENTING_KAFKA_BROKER_VERSION"
  fi
}
