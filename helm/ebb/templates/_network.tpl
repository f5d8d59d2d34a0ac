{{/*
Rules of NetworkPolicies. Pods of Knative Services are reached by the parts of Knative only; nobody calls a pod by its address.
*/}}

{{- define "ebb.fromKnative" -}}
- from:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: knative-serving
      podSelector:
        matchExpressions:
          - { key: app, operator: In, values: [activator, autoscaler] }
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ include "ebb.gatewayNamespace" . }}
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: knative-eventing
  # Of the proxy beside each container: requests (8012, 8013, 8112) and what the autoscaler counts (9090, 9091).
  ports:
    {{- range list 8012 8013 8112 9090 9091 }}
    - { protocol: TCP, port: {{ . }} }
    {{- end }}
{{- end -}}

{{- define "ebb.gatewayNamespace" -}}
{{- eq .gateway "istio" | ternary "istio-system" "kourier-system" -}}
{{- end -}}

{{/* Its own server for those that it listens to: everybody, brokers with dead letters, or the release's own pods. Metrics for whoever watches. */}}
{{- define "ebb.toWorker" -}}
{{- $policies := .root.Values.networkPolicies -}}
{{- with .app.listens }}
- ports:
    - { protocol: TCP, port: {{ include "ebb.listenPort" $ }} }
  {{- if not .public }}
  from:
    {{- if $.app.outboxes }}
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: knative-eventing
    {{- else }}
    - podSelector:
        matchLabels:
          app.kubernetes.io/instance: {{ $.root.Release.Name }}
          app.kubernetes.io/part-of: ebb
    {{- end }}
  {{- else if $policies.public.from }}
  from:
    {{- toYaml $policies.public.from | nindent 4 }}
  {{- end }}
{{- end }}
{{- with $policies.monitoringNamespaces }}
- from:
    - namespaceSelector:
        matchExpressions:
          - key: kubernetes.io/metadata.name
            operator: In
            values: {{ toJson . }}
  ports:
    - { protocol: TCP, port: 8080 }
{{- end }}
{{- end -}}

{{/* One rule: to peers, or anywhere, on ports; nothing without ports. */}}
{{- define "ebb.egressPorts" -}}
{{- if .ports }}
# {{ .name }}
- ports:
    {{- $protocols := .protocols | default (list "TCP") }}
    {{- range $port := .ports }}
    {{- range $protocols }}
    - { protocol: {{ . }}, port: {{ $port }} }
    {{- end }}
    {{- end }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Where an app goes, as its definition says. */}}
{{- define "ebb.egress" -}}
{{- $policies := .root.Values.networkPolicies -}}
{{- include "ebb.egressPorts" (dict "name" "DNS" "protocols" (list "UDP" "TCP") "ports" $policies.dnsPorts) -}}
{{- if .root.Values.tracing.otlpEndpoint -}}
{{- include "ebb.egressPorts" (dict "name" "traces" "ports" $policies.tracing.ports "to" $policies.tracing.to) -}}
{{- end -}}
{{- if or .app.schema .app.outboxes -}}
{{- include "ebb.egressPorts" (dict "name" "PostgreSQL" "ports" $policies.database.ports "to" $policies.database.to) -}}
{{- end -}}
{{- if or .app.outboxes .app.eventLog -}}
{{- include "ebb.egressPorts" (dict "name" "Kafka" "ports" $policies.kafka.ports "to" $policies.kafka.to) -}}
{{- end -}}
{{- if or .root.Values.proxy.http .root.Values.proxy.https -}}
{{- include "ebb.egressPorts" (dict "name" "proxy" "ports" $policies.proxy.ports "to" $policies.proxy.to) -}}
{{- end -}}
{{- $calls := list -}}
{{- range .app.settings -}}{{- if .service -}}{{- $calls = append $calls .service -}}{{- end -}}{{- end -}}
{{- if or $calls .app.services }}
# services, by way of Knative's gateway
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ include "ebb.gatewayNamespace" $policies }}
{{- end }}
{{- with (include "ebb.values" . | fromYaml).egress }}
{{ toYaml . }}
{{- end }}
{{- end -}}
