{{/* How a revision scales: what the definition says, then what values say. Knative reads these from the revision's template only. */}}
{{- define "ebb.scaleAnnotations" -}}
{{- $own := include "ebb.values" . | fromYaml -}}
{{- $annotations := deepCopy (.app.annotations | default dict) -}}
{{- $keys := dict "min" "min-scale" "max" "max-scale" "initial" "initial-scale" "target" "target" "targetUtilization" "target-utilization-percentage" "window" "window" "scaleDownDelay" "scale-down-delay" "retention" "scale-to-zero-pod-retention-period" "burst" "target-burst-capacity" "metric" "metric" "activation" "activation-scale" -}}
{{- range $key, $value := $own.scale | default dict -}}
{{- with get $keys $key -}}
{{- $_ := set $annotations (printf "autoscaling.knative.dev/%s" .) $value -}}
{{- end -}}
{{- end -}}
{{- range $key, $value := $own.annotations -}}{{- $_ := set $annotations $key $value -}}{{- end -}}
{{- range $key, $value := $annotations }}
{{ $key }}: {{ include "ebb.text" $value | quote }}
{{- end -}}
{{- end -}}
