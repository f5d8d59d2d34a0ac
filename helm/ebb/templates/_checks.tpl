{{/*
What must hold before anything is installed, each problem on a line of its own: one failure that names them all.
*/}}

{{/* Kinds that enabled features need and the cluster does not serve, with the way to get them. */}}
{{- define "ebb.missingKinds" -}}
{{- $root := . -}}
{{- $values := .Values -}}
{{- $input := .Files.Get "files/ebb.yaml" | fromYaml -}}
{{- $serving := "Knative Serving 1.23: kubectl apply -f https://github.com/knative/serving/releases/download/knative-v1.23.0/serving-crds.yaml and serving-core.yaml of the same release, then net-kourier" -}}
{{- $eventing := "Knative Eventing 1.23: kubectl apply -f https://github.com/knative/eventing/releases/download/knative-v1.23.0/eventing-crds.yaml and eventing-core.yaml of the same release" -}}
{{- $kafka := "Knative's Kafka broker 1.23: kubectl apply -f https://github.com/knative-extensions/eventing-kafka-broker/releases/download/knative-v1.23.0/eventing-kafka-controller.yaml and eventing-kafka-broker.yaml of the same release" -}}
{{- $kafkaSource := "Knative's KafkaSource 1.23: eventing-kafka-controller.yaml and eventing-kafka-source.yaml of https://github.com/knative-extensions/eventing-kafka-broker/releases/tag/knative-v1.23.0" -}}
{{- $kafkaSink := "Knative's KafkaSink 1.23: eventing-kafka-controller.yaml and eventing-kafka-sink.yaml of https://github.com/knative-extensions/eventing-kafka-broker/releases/tag/knative-v1.23.0" -}}
{{- $strimzi := "Strimzi 1.2.0: helm install strimzi oci://quay.io/strimzi-helm/strimzi-kafka-operator --version 1.2.0 (or set kafka.strimzi.enabled=false for a Kafka that runs elsewhere)" -}}
{{- $gatewayApi := "the Gateway API: kubectl apply -f https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.4.0/standard-install.yaml, and a controller for it (or leave services.<name>.httpRoute out)" -}}
{{- $prometheus := "the Prometheus operator (or set monitoring.serviceMonitor.enabled=false)" -}}
{{- $wanted := list -}}
{{- range $name, $app := $input.apps -}}
{{- if and (eq $app.kind "service") (include "ebb.isOn" (dict "root" $root "name" $name)) -}}
{{- $wanted = append $wanted (list "serving.knative.dev/v1/Service" $serving) -}}
{{- end -}}
{{- end -}}
{{- if $values.brokers.create -}}{{- $wanted = append $wanted (list "eventing.knative.dev/v1/Broker" $eventing) -}}{{- end -}}
{{- if $input.triggers -}}
{{- $wanted = append $wanted (list "eventing.knative.dev/v1/Trigger" $eventing) -}}
{{- /* The broker itself has no kind of its own; this one comes with it. */ -}}
{{- $wanted = append $wanted (list "internal.kafka.eventing.knative.dev/v1alpha1/ConsumerGroup" $kafka) -}}
{{- end -}}
{{- if $input.pingSources -}}{{- $wanted = append $wanted (list "sources.knative.dev/v1/PingSource" $eventing) -}}{{- end -}}
{{- if $values.eventPolicies.enabled -}}{{- $wanted = append $wanted (list "eventing.knative.dev/v1alpha1/EventPolicy" $eventing) -}}{{- end -}}
{{- if $values.kafkaSources -}}{{- $wanted = append $wanted (list "sources.knative.dev/v1/KafkaSource" $kafkaSource) -}}{{- end -}}
{{- if $values.kafkaSinks -}}{{- $wanted = append $wanted (list "eventing.knative.dev/v1alpha1/KafkaSink" $kafkaSink) -}}{{- end -}}
{{- if and $values.kafka.strimzi.enabled $values.kafka.topics.create -}}{{- $wanted = append $wanted (list "kafka.strimzi.io/v1/KafkaTopic" $strimzi) -}}{{- end -}}
{{- if and $values.kafka.strimzi.enabled $values.kafka.users.create -}}{{- $wanted = append $wanted (list "kafka.strimzi.io/v1/KafkaUser" $strimzi) -}}{{- end -}}
{{- if $values.monitoring.serviceMonitor.enabled -}}{{- $wanted = append $wanted (list "monitoring.coreos.com/v1/ServiceMonitor" $prometheus) -}}{{- end -}}
{{- range $name, $own := $values.services -}}
{{- if $own.httpRoute -}}{{- $wanted = append $wanted (list "gateway.networking.k8s.io/v1/HTTPRoute" $gatewayApi) -}}{{- end -}}
{{- end -}}
{{- if semverCompare "<1.34.0-0" .Capabilities.KubeVersion.Version }}
  Kubernetes 1.34 or later (this is {{ .Capabilities.KubeVersion.Version }})
{{- end -}}
{{- range $wanted | uniq -}}
{{- if not ($root.Capabilities.APIVersions.Has (first .)) }}
  {{ first . }}: install {{ last . }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Values that contradict the definitions. */}}
{{- define "ebb.wrongValues" -}}
{{- $root := . -}}
{{- $apps := (.Files.Get "files/ebb.yaml" | fromYaml).apps -}}
{{- range $name, $_ := .Values.services -}}
{{- if not (hasKey $apps $name) }}
  services.{{ $name }}: there is no such service (there are {{ keys $apps | sortAlpha | join ", " }})
{{- end -}}
{{- end -}}
{{- $topics := list .Values.deadLetters.topic -}}
{{- range (.Files.Get "files/ebb.yaml" | fromYaml).brokers -}}{{- $topics = append $topics .name -}}{{- end -}}
{{- range $name, $_ := .Values.kafka.topics.byName -}}
{{- if not (has $name $topics) }}
  kafka.topics.byName.{{ $name }}: there is no such topic (there are {{ $topics | sortAlpha | join ", " }})
{{- end -}}
{{- end -}}
{{- range $index, $source := .Values.kafkaSources -}}
{{- if and .service (not (hasKey $apps .service)) }}
  kafkaSources[{{ $index }}].service: there is no service {{ .service }}
{{- else if and .broker (not (has .broker $topics)) }}
  kafkaSources[{{ $index }}].broker: there is no broker {{ .broker }}
{{- end -}}
{{- end -}}
{{- range $name, $app := $apps -}}
{{- $context := dict "root" $root "name" $name "app" $app -}}
{{- if include "ebb.isOn" $context -}}
{{- $own := include "ebb.values" $context | fromYaml -}}
{{- $given := merge (dict) ($own.env | default dict) $root.Values.env -}}
{{- range $setting := $app.settings -}}
{{- $isGiven := or (hasKey $given .name) (hasKey ($own.secrets | default dict) .name) -}}
{{- $isPlatforms := and $app.outboxes (has .name (list "DATABASE_URL" "EVENT_LOG_URL")) -}}
{{- if and .required (not $isGiven) (not $isPlatforms) -}}
{{- if .service -}}
{{- if not (include "ebb.isOn" (dict "root" $root "name" .service)) }}
  services.{{ $name }}.env.{{ .name }}: must say where {{ .service }} is, which is not enabled here
{{- end -}}
{{- else if not .secret }}
  services.{{ $name }}.env.{{ .name }}: is missing
{{- else if not $root.Values.settings.existingSecret }}
  services.{{ $name }}.secrets.{{ .name }}: is missing (or set settings.existingSecret)
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $secret, $_ := $own.secrets -}}
{{- $known := false -}}
{{- range $app.settings -}}{{- if eq .name $secret -}}{{- $known = true -}}{{- end -}}{{- end -}}
{{- if not $known }}
  services.{{ $name }}.secrets.{{ $secret }}: {{ $name }} has no setting of this name
{{- end -}}
{{- end -}}
{{- $percent := 0 -}}
{{- range $own.traffic -}}{{- $percent = add $percent (.percent | default 0) -}}{{- end -}}
{{- if and $own.traffic (ne (int $percent) 100) }}
  services.{{ $name }}.traffic: adds up to {{ $percent }} percent, not 100
{{- end -}}
{{- if and $app.identity (not $root.Values.identity.existingSecret) }}
  identity.existingSecret: is missing: {{ $name }} needs the key pair that callers are vouched for with (k8s/README.md says how to make one)
{{- end -}}
{{- if and (or $own.ingress $own.httpRoute) (not (dig "listens" "public" false $app)) }}
  services.{{ $name }}: has no server for strangers, so nothing leads to it from outside (no ingress, no httpRoute)
{{- end -}}
{{- if and (eq $app.kind "worker") (or $own.traffic $own.scale) }}
  services.{{ $name }}: is a worker, which has replicas and autoscaling instead of scale and traffic
{{- end -}}
{{- if and (eq $app.kind "service") (or (hasKey $own "replicas") $own.autoscaling $own.nodeSelector $own.tolerations $own.priorityClassName) }}
  services.{{ $name }}: is a Knative Service, which has scale instead of replicas and autoscaling, and no say in nodes
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
