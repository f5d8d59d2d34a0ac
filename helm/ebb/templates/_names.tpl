{{/*
Names and labels. Each helper takes (dict "root" $ "name" NAME), where NAME is what the laptop calls it.
*/}}

{{/* The name of a resource: with the release's prefix; one over 63 characters is cut, and told apart by a hash of the whole. */}}
{{- define "ebb.name" -}}
{{- $whole := printf "%s%s" .root.Values.namePrefix .name -}}
{{- if le (len $whole) 63 -}}
{{- $whole -}}
{{- else -}}
{{- printf "%s-%s" ($whole | trunc 54 | trimSuffix "-") ($whole | sha256sum | trunc 8) -}}
{{- end -}}
{{- end -}}

{{/* By these a pod is found again: they never change while the app keeps its name. */}}
{{- define "ebb.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{/* Of pods: nothing that a new version of the chart changes, because each change makes a new revision. */}}
{{- define "ebb.podLabels" -}}
{{ include "ebb.selector" . }}
app.kubernetes.io/part-of: ebb
{{- end -}}

{{- define "ebb.labels" -}}
{{ include "ebb.podLabels" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "ebb.metadata" -}}
name: {{ include "ebb.name" . }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "ebb.labels" (dict "root" .root "name" (default .name .of)) | nindent 2 }}
{{- end -}}

{{/* Where the Knative Service of an app is reached from inside. */}}
{{- define "ebb.address" -}}
{{- printf "http://%s.%s.svc.%s" (include "ebb.name" .) .root.Release.Namespace .root.Values.clusterDomain -}}
{{- end -}}

{{/* A value as text. YAML's numbers are floating ones to Helm, which would write a million as 1e+06. */}}
{{- define "ebb.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) -}}{{- int64 . -}}{{- else -}}{{- toString . -}}{{- end -}}
{{- end -}}
