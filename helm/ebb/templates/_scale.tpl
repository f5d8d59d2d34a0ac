{{/* How a revision scales: what the definition says, then what values say. Knative reads these from the revision's template only. */}}
{{- define "ebb.scaleAnnotations" -}}
{{- $own := include "ebb.values" . | fromYaml -}}
{{- $annotations := deepCopy (.app.annotations | default dict) -}}
{{- $keys := dict "min" "min-scale" "max" "max-scale" "initial" "initial-scale" "target" "target" "targetUtilization" "target-utilization-percentage" "window" "window" "scaleDownDelay" "scale-down-delay" "retention" "scale-to-zero-pod-retention-period" "burst" "target-burst-capacity" "metric" "metric" "activation" "activation-scale" -}}
{{- range $key, $value := $own.scale | default dict -}}
{{- with get $keys $key -}}
{{- $_ := set $annotations (printf "autoscaling.knative.dev/%s" .) ($value | toString) -}}
{{- end -}}
{{- end -}}
{{- range $key, $value := merge (dict) ($own.annotations | default dict) $annotations }}
{{ $key }}: {{ $value | toString | quote }}
{{- end -}}
{{- end -}}
