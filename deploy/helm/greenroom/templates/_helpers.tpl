{{- define "greenroom.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "greenroom.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "greenroom.name" . -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Labels of all objects of a component. */}}
{{- define "greenroom.labels" -}}
{{ include "greenroom.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: greenroom
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels that select the pods of a component: never others for as long as it lives. */}}
{{- define "greenroom.selector" -}}
app.kubernetes.io/name: {{ include "greenroom.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .environment }}
greenroom.dev/environment: {{ . }}
{{- end }}
{{- end -}}

{{- define "greenroom.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "greenroom.serviceAccountName" -}}
{{- with .Values.controlPlane.serviceAccount -}}
{{- if .name -}}
{{ .name }}
{{- else if .create -}}
{{ include "greenroom.fullname" $ }}-control-plane
{{- else -}}
default
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Variable of the control plane with the token of an environment's data planes. */}}
{{- define "greenroom.tokenVariable" -}}
GREENROOM_DATA_PLANE_TOKEN_{{ . | upper | replace "-" "_" }}
{{- end -}}

{{/* What an environment's data planes are given: their own settings over those of all. */}}
{{- define "greenroom.dataPlane" -}}
{{- mustMergeOverwrite (deepCopy .root.Values.dataPlane) (deepCopy (.settings | default dict)) | toYaml -}}
{{- end -}}

{{- define "greenroom.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "greenroom.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/*
The network of a cluster hears of a pod that is to end a moment later: for so many seconds that is not told to the pod,
which serves on.
*/}}
{{- define "greenroom.untoldSeconds" -}}
5
{{- end -}}

{{/* Where pods run: the settings of a component, and its selector for what spreads them. */}}
{{- define "greenroom.placement" -}}
{{- with .settings.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
topologySpreadConstraints:
{{- if .settings.topologySpreadConstraints }}
  {{- toYaml .settings.topologySpreadConstraints | nindent 2 }}
{{- else }}
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "greenroom.selector" . | nindent 8 }}
    # Not those of the revision before, which are about to go.
    matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end -}}

{{/* Host in the portal's address. */}}
{{- define "greenroom.host" -}}
{{- (urlParse .Values.url).hostname -}}
{{- end -}}
