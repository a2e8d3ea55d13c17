{{/* Everything that is missing or does not fit, at once. */}}
{{- define "greenroom.validate" -}}
{{- $problems := list -}}
{{- $needed := dict
  "url" .Values.url
  "controlPlane.image.repository" .Values.controlPlane.image.repository
  "controlPlane.existingSecret" .Values.controlPlane.existingSecret
  "database.host" .Values.database.host
  "database.existingSecret" .Values.database.existingSecret
  "adminGroups" .Values.adminGroups -}}
{{- range $name, $value := $needed -}}
{{- if not $value -}}
{{- $problems = append $problems (printf "%s is not set" $name) -}}
{{- end -}}
{{- end -}}
{{- $environments := list -}}
{{- $deployers := dict -}}
{{- range .Values.environments -}}
{{- $environments = append $environments .name -}}
{{- $deployer := .deployer | default "none" -}}
{{- if kindIs "map" $deployer -}}
{{- $deployer = dig "kind" "none" $deployer -}}
{{- end -}}
{{- $_ := set $deployers .name $deployer -}}
{{- end -}}
{{- range $environment, $own := .Values.dataPlanes -}}
{{- if $own -}}
{{- $settings := include "greenroom.dataPlane" (dict "root" $ "settings" $own) | fromYaml -}}
{{- if not (has $environment $environments) -}}
{{- $problems = append $problems (printf "dataPlanes.%s is of no environment: expected one of environments (%s)" $environment (join ", " $environments)) -}}
{{- end -}}
{{- $deployer := get $deployers $environment | default "none" -}}
{{- if ne $deployer "none" -}}
{{- $problems = append $problems (printf "dataPlanes.%s and the deployer %s of that environment would both run its data planes: expected one of them; dataPlanes.%s: null takes the chart's away" $environment $deployer $environment) -}}
{{- end -}}
{{- if not $settings.image.repository -}}
{{- $problems = append $problems "dataPlane.image.repository is not set" -}}
{{- end -}}
{{- if not (dig "tokenSecret" "name" "" $own) -}}
{{- $problems = append $problems (printf "dataPlanes.%s.tokenSecret.name is not set: expected a Secret of its own" $environment) -}}
{{- end -}}
{{- if and $settings.tls.clientCertificates (not $settings.tls.existingSecret) -}}
{{- $problems = append $problems (printf "dataPlanes.%s.tls.clientCertificates needs tls.existingSecret" $environment) -}}
{{- end -}}
{{- if and $settings.tls.clientCertificates (not $.Values.controlPlane.dataPlaneCertificates.existingSecret) -}}
{{- $problems = append $problems (printf "dataPlanes.%s.tls.clientCertificates needs controlPlane.dataPlaneCertificates.existingSecret, which the playground shows" $environment) -}}
{{- end -}}
{{- if and $.Values.controlPlane.dataPlaneEntrance.existingSecret (not $settings.controlPlane.tlsSecret) -}}
{{- $problems = append $problems (printf "dataPlanes.%s.controlPlane.tlsSecret is not set, and controlPlane.dataPlaneEntrance asks for certificates" $environment) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $isS3 := eq .Values.artifacts.type "s3" -}}
{{- if and $isS3 (not .Values.artifacts.s3.bucket) -}}
{{- $problems = append $problems "artifacts.s3.bucket is not set" -}}
{{- end -}}
{{- with .Values.controlPlane -}}
{{- if and (not .persistence.enabled) (not $isS3) -}}
{{- $problems = append $problems "controlPlane.persistence.enabled is false: expected artifacts.type s3, or artifacts are lost with the pod" -}}
{{- end -}}
{{- if and (not .persistence.enabled) (not $.Values.environmentsRepository) -}}
{{- $problems = append $problems "controlPlane.persistence.enabled is false: expected environmentsRepository, or what runs where is lost with the pod" -}}
{{- end -}}
{{- if and (gt (int .replicas) 1) .persistence.enabled (not (has "ReadWriteMany" .persistence.accessModes)) -}}
{{- $problems = append $problems (printf "controlPlane.replicas is %d: expected controlPlane.persistence.accessModes [ReadWriteMany], or no persistence with artifacts.type s3 and environmentsRepository" (int .replicas)) -}}
{{- end -}}
{{- with .autoscalerMetrics -}}
{{- if .existingSecret -}}
{{- if not .caBundle -}}
{{- $problems = append $problems "controlPlane.autoscalerMetrics.caBundle is not set: expected who has signed the certificate, or the cluster trusts nobody" -}}
{{- end -}}
{{- if not $.Values.controlPlane.rbac.deployer -}}
{{- $problems = append $problems "controlPlane.autoscalerMetrics needs controlPlane.rbac.deployer: autoscalers of this cluster ask for the data planes that the control plane runs in it" -}}
{{- end -}}
{{- if eq (int .port) 7007 -}}
{{- $problems = append $problems "controlPlane.autoscalerMetrics.port is 7007, which is the portal's: expected another" -}}
{{- end -}}
{{- if and $.Values.controlPlane.dataPlaneEntrance.existingSecret (eq (int .port) (int $.Values.controlPlane.dataPlaneEntrance.port)) -}}
{{- $problems = append $problems (printf "controlPlane.autoscalerMetrics.port is %d, which is controlPlane.dataPlaneEntrance's: expected another" (int .port)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .httpRoute.enabled (not .httpRoute.parentRefs) -}}
{{- $problems = append $problems "controlPlane.httpRoute.parentRefs is not set" -}}
{{- end -}}
{{- end -}}
{{- if $problems -}}
{{- fail (printf "\n\nThis cannot be installed yet:\n  - %s\nSee README.md of the chart for what each value is." (uniq $problems | join "\n  - ")) -}}
{{- end -}}
{{- end -}}
