# shellcheck shell=bash
# Strimzi, and one node of Kafka: broker and controller in one.

readonly STRIMZI_URL=https://github.com/strimzi/strimzi-kafka-operator/releases/download

install_kafka() {
  if is_mine 'Strimzi' kafka kafka "$STRIMZI_VERSION-$KAFKA_VERSION" 'crd/kafkas.kafka.strimzi.io'; then
    namespace kafka
    mark kafka kafka installing
    # Helm never changes kinds that are there: those of the version that is wanted are applied before it, and not by it.
    apply_release "$STRIMZI_URL/$STRIMZI_VERSION/strimzi-crds-$STRIMZI_VERSION.yaml"
    run_again helm --kube-context "$CONTEXT" upgrade --install strimzi oci://quay.io/strimzi-helm/strimzi-kafka-operator \
      --version "$STRIMZI_VERSION" --namespace kafka --skip-crds --set resources.requests.cpu=100m
    wait_until 'the kinds of Strimzi are known' 120 kafka crds_established \
      kafkas.kafka.strimzi.io kafkanodepools.kafka.strimzi.io kafkatopics.kafka.strimzi.io kafkausers.kafka.strimzi.io
    apply kafka.yaml
  fi
}

await_kafka() {
  if is_without kafka || ! { is_dry_run || kube_exists kafka/ebb -n kafka; }; then return 0; fi
  wait_until 'Kafka is ready' 600 kafka has_condition kafka kafka/ebb Ready
  if [[ $(mark_of kafka kafka) == installing ]] || is_dry_run; then mark kafka kafka "$STRIMZI_VERSION-$KAFKA_VERSION"; fi
}
