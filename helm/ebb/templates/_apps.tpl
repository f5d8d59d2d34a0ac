{{/*
What values say of an app. Each helper takes (dict "root" $ "name" NAME "app" APP), APP being its entry in files/ebb.yaml.
*/}}

{{/* The values of an app; those of a service that is not named are empty. */}}
{{- define "ebb.values" -}}
{{- get .root.Values.services .name | default dict | toYaml -}}
{{- end -}}

{{/* "true" when the app is to run. */}}
{{- define "ebb.isOn" -}}
{{- dig "enabled" true (include "ebb.values" . | fromYaml) | ternary "true" "" -}}
{{- end -}}

{{/* The worker that publishes outboxes and takes dead letters; empty when none runs. */}}
{{- define "ebb.relay" -}}
{{- $root := . -}}
{{- $found := "" -}}
{{- range $name, $app := (.Files.Get "files/ebb.yaml" | fromYaml).apps -}}
{{- if and $app.outboxes (include "ebb.isOn" (dict "root" $root "name" $name)) -}}
{{- $found = $name -}}
{{- end -}}
{{- end -}}
{{- $found -}}
{{- end -}}

{{/* The port of a worker's own server, by the name that it has in the container. */}}
{{- define "ebb.listenPort" -}}
{{- range .app.container.ports -}}{{- if eq (.name | default "") "http" -}}{{- .containerPort -}}{{- end -}}{{- end -}}
{{- end -}}

{{- define "ebb.image" -}}
{{- $own := dig "image" dict (include "ebb.values" . | fromYaml) -}}
{{- $all := .root.Values.image -}}
{{- $repository := $own.repository | default (printf "%s/%s" (trimSuffix "/" $all.registry) .name) -}}
{{- if $own.digest -}}
{{- printf "%s@%s" $repository $own.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository ($own.tag | default $all.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* One URL of the Secret with those of all roles; .key says whose. */}}
{{- define "ebb.databaseUrl" -}}
valueFrom:
  secretKeyRef:
    name: {{ .root.Values.database.existingSecret }}
    key: {{ .key }}-url
{{- end -}}

{{/* Variables with a plain value, by name: what the chart knows, then what values say for all apps, then for this one. */}}
{{- define "ebb.literals" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $env := dict "LOG_LEVEL" $values.logLevel -}}
{{- with $values.tracing.otlpEndpoint -}}{{- $_ := set $env "OTEL_EXPORTER_OTLP_ENDPOINT" . -}}{{- end -}}
{{- range .app.settings -}}
{{- if .service -}}{{- $_ := set $env .name (include "ebb.address" (dict "root" $root "name" .service)) -}}{{- end -}}
{{- end -}}
{{- $inside := printf "localhost,127.0.0.1,::1,.svc,.svc.%s" $values.clusterDomain -}}
{{- with $values.proxy.http -}}{{- $_ := set $env "HTTP_PROXY" . -}}{{- end -}}
{{- with $values.proxy.https -}}{{- $_ := set $env "HTTPS_PROXY" . -}}{{- end -}}
{{- if or $values.proxy.http $values.proxy.https -}}
{{- $_ := set $env "NO_PROXY" (join "," (prepend $values.proxy.exceptions $inside)) -}}
{{- $_ := set $env "NODE_USE_ENV_PROXY" "1" -}}
{{- end -}}
{{- if .app.outboxes -}}
{{- $schemas := list -}}
{{- $topics := list -}}
{{- $input := $root.Files.Get "files/ebb.yaml" | fromYaml -}}
{{- range $name, $app := $input.apps -}}
{{- if and $app.schema (include "ebb.isOn" (dict "root" $root "name" $name)) -}}{{- $schemas = append $schemas $app.schema -}}{{- end -}}
{{- end -}}
{{- range $input.brokers -}}{{- $topics = append $topics .name -}}{{- end -}}
{{- $_ := set $env "OUTBOX_SCHEMAS" (join "," $schemas) -}}
{{- $_ := set $env "TOPICS" (join "," $topics) -}}
{{- end -}}
{{- if and (or .app.outboxes .app.eventLog) (not $values.kafka.connection.existingSecret) -}}
{{- $_ := set $env "EVENT_LOG_URL" (printf "kafka://%s" $values.kafka.bootstrapServers) -}}
{{- end -}}
{{- if .app.listens -}}{{- $_ := set $env "LISTEN_PORT" (include "ebb.listenPort" .) -}}{{- end -}}
{{- if .app.catalogue -}}{{- $_ := set $env "CATALOGUE_FILE" "/etc/ebb/catalogue/catalogue.json" -}}{{- end -}}
{{- if .app.services -}}{{- $_ := set $env "SERVICES_URL" (include "ebb.address" (dict "root" $root "name" "{service}")) -}}{{- end -}}
{{- /* One by one: merging maps takes false, 0 and "" for values that are not there. */ -}}
{{- range $name, $value := $values.env -}}{{- $_ := set $env $name $value -}}{{- end -}}
{{- range $name, $value := (include "ebb.values" . | fromYaml).env -}}{{- $_ := set $env $name $value -}}{{- end -}}
{{- range $name, $value := $env }}
{{ $name }}: {{ include "ebb.text" $value | quote }}
{{- end -}}
{{- end -}}

{{/* Variables that come from Secrets, by name: what the platform needs, what the definition says, then what values say. */}}
{{- define "ebb.secrets" -}}
{{- $values := .root.Values -}}
{{- $secrets := dict -}}
{{- if or .app.schema .app.outboxes -}}
{{- $_ := set $secrets "DATABASE_URL" (dict "name" $values.database.existingSecret "key" (printf "%s-url" .name)) -}}
{{- end -}}
{{- with $values.operator.existingSecret -}}
{{- if or (eq $.app.kind "service") $.app.outboxes -}}
{{- $_ := set $secrets "EBB_CONTROL_TOKEN" (dict "name" . "key" "control-token" "optional" true) -}}
{{- end -}}
{{- if $.app.outboxes -}}
{{- $_ := set $secrets "OPERATOR_TOKEN" (dict "name" . "key" "token" "optional" true) -}}
{{- end -}}
{{- end -}}
{{- if and (or .app.outboxes .app.eventLog) $values.kafka.connection.existingSecret -}}
{{- $key := .app.outboxes | ternary $values.kafka.connection.key $values.kafka.connection.readerKey -}}
{{- $_ := set $secrets "EVENT_LOG_URL" (dict "name" $values.kafka.connection.existingSecret "key" $key) -}}
{{- end -}}
{{- if .app.identity -}}
{{- $isPrivate := eq .app.identity "private" -}}
{{- $key := $isPrivate | ternary $values.identity.privateKey $values.identity.publicKeys -}}
{{- $_ := set $secrets ($isPrivate | ternary "EBB_IDENTITY_KEY" "EBB_IDENTITY_KEYS") (dict "name" $values.identity.existingSecret "key" $key) -}}
{{- end -}}
{{- $platforms := list "DATABASE_URL" "EVENT_LOG_URL" -}}
{{- range .app.settings -}}
{{- if and .secret .required $values.settings.existingSecret (not (has .name $platforms)) -}}
{{- $_ := set $secrets .name (dict "name" $values.settings.existingSecret "key" .name) -}}
{{- end -}}
{{- end -}}
{{- range $name, $given := (include "ebb.values" . | fromYaml).secrets -}}
{{- $_ := set $secrets $name (dict "name" $given.name "key" ($given.key | default $name)) -}}
{{- end -}}
{{- toYaml $secrets -}}
{{- end -}}

{{/*
All variables of a container, each once: Kubernetes merges them by name. A plain value that somebody gave wins. A Secret's key is read by the app that
needs it, and by no other.
*/}}
{{- define "ebb.env" -}}
{{- $literals := include "ebb.literals" . | fromYaml -}}
{{- range $name, $value := $literals }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- range $name, $key := include "ebb.secrets" . | fromYaml }}
{{- if not (hasKey $literals $name) }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      {{- toYaml $key | nindent 6 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The container of an app: what its definition says, and what the installation adds. */}}
{{- define "ebb.container" -}}
name: {{ .name }}
image: {{ include "ebb.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
ports:
  {{- toYaml .app.container.ports | nindent 2 }}
env:
  {{- include "ebb.env" . | trim | nindent 2 }}
readinessProbe:
  {{- toYaml .app.container.readinessProbe | nindent 2 }}
livenessProbe:
  {{- toYaml .app.container.livenessProbe | nindent 2 }}
resources:
  {{- dig "resources" .root.Values.resources (include "ebb.values" . | fromYaml) | toYaml | nindent 2 }}
securityContext:
  {{- include "ebb.securityContext" .root | nindent 2 }}
volumeMounts:
  {{- include "ebb.volumeMounts" . | nindent 2 }}
{{- end -}}

{{/* Of containers, not pods: Knative refuses most settings of pods unless the cluster is told to let them through. */}}
{{- define "ebb.securityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
readOnlyRootFilesystem: true
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "ebb.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
{{- if and (or .app.schema .app.outboxes) .root.Values.database.ca.existingSecret }}
- name: database-ca
  mountPath: /etc/ebb/database
  readOnly: true
{{- end }}
{{- if .app.catalogue }}
# A folder: a single file that is mounted would never change.
- name: catalogue
  mountPath: /etc/ebb/catalogue
  readOnly: true
{{- end }}
{{- if and (or .app.outboxes .app.eventLog) .root.Values.kafka.connection.filesSecret }}
- name: kafka
  mountPath: /etc/ebb/kafka
  readOnly: true
{{- end }}
{{- end -}}

{{- define "ebb.volumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- if and (or .app.schema .app.outboxes) .root.Values.database.ca.existingSecret }}
- name: database-ca
  secret:
    secretName: {{ .root.Values.database.ca.existingSecret }}
    items:
      - key: {{ .root.Values.database.ca.key }}
        path: ca.crt
{{- end }}
{{- if .app.catalogue }}
- name: catalogue
  configMap:
    name: {{ include "ebb.name" (dict "root" .root "name" "ebb-catalogue") }}
{{- end }}
{{- if and (or .app.outboxes .app.eventLog) .root.Values.kafka.connection.filesSecret }}
- name: kafka
  secret:
    secretName: {{ .root.Values.kafka.connection.filesSecret }}
{{- end }}
{{- end -}}

{{- define "ebb.pullSecrets" -}}
{{- range .Values.image.pullSecrets }}
- name: {{ . }}
{{- end }}
{{- end -}}
