# shellcheck shell=bash
# Knative Serving, and kourier in front of it.

readonly SERVING_URL=https://github.com/knative/serving/releases/download
readonly KOURIER_URL=https://github.com/knative-extensions/net-kourier/releases/download

install_serving() {
  if is_mine 'Knative Serving' knative-serving serving "$KNATIVE_SERVING_VERSION" 'deployment/controller -n knative-serving'; then
    namespace knative-serving
    mark knative-serving serving installing
    # Before its components: they read where to send traces when they start, and never again.
    apply serving-settings.yaml
    if [[ -n $DOMAIN ]]; then apply serving-domain.yaml; fi
    apply_release "$SERVING_URL/knative-v$KNATIVE_SERVING_VERSION/serving-crds.yaml"
    wait_until 'the kinds of Knative Serving are known' 60 knative-serving crds_established \
      services.serving.knative.dev images.caching.internal.knative.dev ingresses.networking.internal.knative.dev
    apply_release "$SERVING_URL/knative-v$KNATIVE_SERVING_VERSION/serving-core.yaml"
    wait_until 'Knative Serving is ready' 300 knative-serving workloads_ready knative-serving
    mark knative-serving serving "$KNATIVE_SERVING_VERSION"
  else
    check_serving_settings
  fi
}

install_kourier() {
  if is_mine kourier kourier-system kourier "$NET_KOURIER_VERSION" 'deployment/3scale-kourier-gateway -n kourier-system'; then
    namespace kourier-system
    mark kourier-system kourier installing
    apply_release "$KOURIER_URL/knative-v$NET_KOURIER_VERSION/kourier.yaml"
    apply kourier-class.yaml
    if [[ -n $HTTP_PORT ]]; then
      kube patch service/kourier -n kourier-system -p '{"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":31080}]}}'
    fi
    wait_until 'kourier is ready' 300 kourier-system workloads_ready kourier-system
    # Its controller lives with Serving.
    wait_until 'the controller of kourier is ready' 300 knative-serving workloads_ready knative-serving
    mark kourier-system kourier "$NET_KOURIER_VERSION"
  fi
}

# check_serving_settings: somebody else's Serving is not changed; what Ebb would like is said.
check_serving_settings() {
  if is_without serving || [[ -n $(mark_of knative-serving serving) ]]; then return 0; fi
  local zero tracing
  zero=$(kube_ask get configmap config-autoscaler -n knative-serving -o 'jsonpath={.data.allow-zero-initial-scale}') || true
  tracing=$(kube_ask get configmap config-observability -n knative-serving -o 'jsonpath={.data.tracing-protocol}') || true
  if [[ $zero != true ]]; then
    warn 'this Knative starts every new revision once: to let services start at zero, set allow-zero-initial-scale of config-autoscaler to "true"'
  fi
  if [[ -z $tracing || $tracing == none ]]; then
    warn "this Knative sends no traces: set tracing-protocol http/protobuf, tracing-endpoint $OTLP_URL/v1/traces and tracing-sampling-rate of config-observability, then restart its deployments"
  fi
}
