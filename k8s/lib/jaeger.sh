# shellcheck shell=bash

install_jaeger() {
  if is_mine Jaeger observability jaeger "$JAEGER_VERSION" 'deployment/jaeger -n observability'; then
    namespace observability
    mark observability jaeger installing
    apply jaeger.yaml
  fi
}

await_jaeger() {
  if is_without jaeger; then return 0; fi
  wait_until 'Jaeger answers' 300 observability workloads_ready observability
  if [[ $(mark_of observability jaeger) == installing ]] || is_dry_run; then mark observability jaeger "$JAEGER_VERSION"; fi
}
