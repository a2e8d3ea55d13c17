{{/* Settings that follow from values: app-config.chart.yaml. */}}
{{- define "greenroom.config" -}}
backend:
  database:
    skipMigrations: {{ .Values.migrations.enabled }}
    connection:
      {{- if not .Values.database.tls.enabled }}
      ssl: false
      {{- else if .Values.database.tls.caSecret }}
      ssl:
        ca:
          $file: /etc/greenroom/database-tls/ca.crt
      {{- end }}
      application_name: greenroom
  auth:
    externalAccess:
      - type: greenroom
        options: { from: portal }
      {{- range $environment, $own := .Values.dataPlanes }}
      {{- if $own }}
      - type: greenroom
        options:
          name: data-plane-{{ $environment }}
          owner: {{ first $.Values.adminGroups | quote }}
          token: ${ {{- include "greenroom.tokenVariable" $environment -}} }
          scopes:
            - permission: ai-inference.snapshot.read
              on: {{ $environment }}/*
            - permission: ai-registry.artifact.read
              on: {{ $environment }}/*
            - permission: ai-monitoring.record.write
              on: {{ $environment }}/*
            - permission: ai-training.job.forward
              on: {{ $environment }}/*
      {{- end }}
      {{- end }}
      {{- with .Values.externalAccess }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
permission:
  greenroom:
    adminGroups:
      {{- toYaml .Values.adminGroups | nindent 6 }}
greenroom:
  environments:
    {{- toYaml .Values.environments | nindent 4 }}
  {{- with .Values.controlPlane.dataPlaneEntrance }}
  {{- if .existingSecret }}
  dataPlaneEntrance:
    port: {{ .port }}
    certFile: /etc/greenroom/entrance-tls/tls.crt
    keyFile: /etc/greenroom/entrance-tls/tls.key
    clientCaFile: /etc/greenroom/entrance-tls/ca.crt
  {{- end }}
  {{- end }}
{{- $hasMetrics := not (empty .Values.controlPlane.autoscalerMetrics.existingSecret) }}
{{- $hasCertificates := not (empty .Values.controlPlane.dataPlaneCertificates.existingSecret) }}
{{- if or $hasMetrics $hasCertificates }}
aiInference:
  {{- if $hasCertificates }}
  dataPlane:
    certificates:
      caFile: /etc/greenroom/data-plane-tls/ca.crt
      {{- if include "greenroom.clientCertificates" . }}
      certFile: /etc/greenroom/data-plane-tls/tls.crt
      keyFile: /etc/greenroom/data-plane-tls/tls.key
      {{- end }}
  {{- end }}
  {{- if $hasMetrics }}
  kubernetes:
    metrics:
      port: {{ .Values.controlPlane.autoscalerMetrics.port }}
      certFile: /etc/greenroom/metrics-tls/tls.crt
      keyFile: /etc/greenroom/metrics-tls/tls.key
  {{- end }}
{{- end }}
aiRegistry:
  trial:
    # Beside the control plane itself, in what controlPlane.resources gives its container.
    maxMemoryMiB: 1024
  {{- with .Values.environmentsRepository }}
  environments:
    repository: {{ . }}
  {{- end }}
  {{- if eq .Values.artifacts.type "s3" }}
  artifacts:
    store:
      type: s3
      {{- with .Values.artifacts.s3 }}
      bucket: {{ .bucket }}
      {{- with .prefix }}
      prefix: {{ . }}
      {{- end }}
      {{- with .region }}
      region: {{ . }}
      {{- end }}
      {{- with .endpoint }}
      endpoint: {{ . }}
      {{- end }}
      {{- if .useKeys }}
      accessKeyId: ${GREENROOM_S3_ACCESS_KEY_ID}
      secretAccessKey: ${GREENROOM_S3_SECRET_ACCESS_KEY}
      {{- end }}
      {{- end }}
  {{- end }}
{{- end -}}

{{/* Not empty where data planes of the chart ask callers for certificates, the control plane among them. */}}
{{- define "greenroom.clientCertificates" -}}
{{- range $environment, $own := .Values.dataPlanes -}}
{{- if $own -}}
{{- $settings := include "greenroom.dataPlane" (dict "root" $ "settings" $own) | fromYaml -}}
{{- if $settings.tls.clientCertificates -}}{{ $environment }} {{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Files of the ConfigMap. */}}
{{- define "greenroom.configFiles" -}}
app-config.chart.yaml: |
  {{- include "greenroom.config" . | nindent 2 }}
app-config.values.yaml: |
  {{- toYaml .Values.config | nindent 2 }}
{{- end -}}

{{- define "greenroom.configArguments" -}}
- --config
- /greenroom/app-config.yaml
- --config
- /greenroom/app-config.production.yaml
- --config
- /etc/greenroom/config/app-config.chart.yaml
- --config
- /etc/greenroom/config/app-config.values.yaml
{{- end -}}

{{/* Variables of the control plane and of the job that migrates. */}}
{{- define "greenroom.controlPlaneEnv" -}}
- name: GREENROOM_URL
  value: {{ .Values.url | trimSuffix "/" | quote }}
- name: GREENROOM_PORT
  value: "7007"
- name: GREENROOM_DATA_DIR
  value: /var/lib/greenroom
- name: GREENROOM_ENVIRONMENTS_REPOSITORY
  value: /var/lib/greenroom/git/{{ ternary "environments-copy.git" "environments.git" (not (empty .Values.environmentsRepository)) }}
- name: POSTGRES_HOST
  value: {{ .Values.database.host | quote }}
- name: POSTGRES_PORT
  value: {{ .Values.database.port | quote }}
- name: POSTGRES_DATABASE
  value: {{ .Values.database.name | quote }}
- name: POSTGRES_USER
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.existingSecret }}
      key: {{ .Values.database.userKey }}
- name: POSTGRES_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.existingSecret }}
      key: {{ .Values.database.passwordKey }}
{{- range $environment, $own := .Values.dataPlanes }}
{{- if $own }}
- name: {{ include "greenroom.tokenVariable" $environment }}
  valueFrom:
    secretKeyRef:
      name: {{ $own.tokenSecret.name }}
      key: {{ $own.tokenSecret.key | default $.Values.dataPlane.tokenSecret.key }}
{{- end }}
{{- end }}
{{- with .Values.controlPlane.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "greenroom.controlPlaneEnvFrom" -}}
- secretRef:
    name: {{ .Values.controlPlane.existingSecret }}
{{- with .Values.controlPlane.envFrom }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What both mount besides data. */}}
{{- define "greenroom.controlPlaneMounts" -}}
- name: config
  mountPath: /etc/greenroom/config
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- if and .Values.database.tls.enabled .Values.database.tls.caSecret }}
- name: database-tls
  mountPath: /etc/greenroom/database-tls
  readOnly: true
{{- end }}
{{- if .Values.controlPlane.dataPlaneEntrance.existingSecret }}
- name: entrance-tls
  mountPath: /etc/greenroom/entrance-tls
  readOnly: true
{{- end }}
{{- if .Values.controlPlane.dataPlaneCertificates.existingSecret }}
- name: data-plane-tls
  mountPath: /etc/greenroom/data-plane-tls
  readOnly: true
{{- end }}
{{- if .Values.controlPlane.autoscalerMetrics.existingSecret }}
- name: metrics-tls
  mountPath: /etc/greenroom/metrics-tls
  readOnly: true
{{- end }}
{{- with .Values.controlPlane.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "greenroom.controlPlaneVolumes" -}}
- name: tmp
  emptyDir: {}
{{- with .Values.database.tls }}
{{- if and .enabled .caSecret }}
- name: database-tls
  secret:
    secretName: {{ .caSecret }}
    items:
      - key: {{ .caKey }}
        path: ca.crt
{{- end }}
{{- end }}
{{- with .Values.controlPlane.dataPlaneEntrance.existingSecret }}
- name: entrance-tls
  secret:
    secretName: {{ . }}
{{- end }}
{{- with .Values.controlPlane.dataPlaneCertificates.existingSecret }}
- name: data-plane-tls
  secret:
    secretName: {{ . }}
{{- end }}
{{- with .Values.controlPlane.autoscalerMetrics.existingSecret }}
- name: metrics-tls
  secret:
    secretName: {{ . }}
{{- end }}
{{- with .Values.controlPlane.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
