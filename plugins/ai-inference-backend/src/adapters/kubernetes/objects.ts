import { FIELD_MANAGER, type NamedObject } from '@greenroom/cluster-client';
import type {
  V1Container,
  V1Deployment,
  V1EnvVar,
  V1NetworkPolicy,
  V1PodDisruptionBudget,
  V1Probe,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import type { KubernetesDeployerSettings } from '@greenroom/plugin-ai-registry-common';
import { createHash } from 'node:crypto';
import { scaleMetrics } from './scaleMetrics';

export const ENVIRONMENT_LABEL = 'greenroom.dev/environment';
/** Which portal has made an object: several may share a cluster. */
export const INSTALLATION_LABEL = 'greenroom.dev/installation';
/** Of what was applied last: what differs while this is the same was changed by somebody else. */
export const APPLIED_ANNOTATION = 'greenroom.dev/applied';
/** Name of the token that lies in a Secret: it is renewed by it. */
export const TOKEN_ANNOTATION = 'greenroom.dev/token';
export const TOKEN_KEY = 'token';

export const HTTP_PORT = 7080;
const ADMIN_PORT = 7081;
const TOKEN_FOLDER = '/var/run/greenroom';
const DATA_FOLDER = '/var/lib/greenroom';
/**
 * The network of a cluster hears of a pod that is to end a moment later: for so long that is not told
 * to the pod, which serves on, whether somebody asks just then or not.
 */
const UNTOLD_SECONDS = 5;
/** Then it says so to callers who keep connections, for so long at most. */
const LAME_DUCK_SECONDS = 10;
const DRAIN_SECONDS = 30;
/** For what has not been handed over yet, and the end of the process. */
const SPARE_SECONDS = 15;
/** A node of which the cluster hears nothing has its pods made elsewhere after so long. */
const GONE_NODE_SECONDS = 30;
const USER_ID = 65_532;

/** What is to run in a cluster for an environment. */
export interface WantedDataPlane {
  environment: string;
  installation: string;
  settings: KubernetesDeployerSettings;
  controlPlaneUrl: string;
  /** Where callers reach it. */
  publicUrl: string;
}

/** Of all objects of an environment. */
export function nameOf(environment: string): string {
  return `greenroom-${environment}`;
}

export function tokenSecretNameOf(environment: string): string {
  return `${nameOf(environment)}-token`;
}

/** Where callers within the cluster reach the data planes of an environment. */
export function serviceUrlOf(environment: string, namespace: string): string {
  return `http://${nameOf(environment)}.${namespace}.svc:${HTTP_PORT}`;
}

/** Selects what a portal has made, of an environment or of all. */
export function selectorOf(installation: string, environment?: string): string {
  const own = `${INSTALLATION_LABEL}=${installation}`;
  return environment === undefined
    ? own
    : `${own},${ENVIRONMENT_LABEL}=${environment}`;
}

/** What stays while nothing runs: where callers look, and who pods are. */
export function standingObjects(wanted: WantedDataPlane): NamedObject[] {
  return [serviceAccount(wanted), networkPolicy(wanted), service(wanted)].map(
    withMark,
  );
}

/** What runs, in the order in which it is made. The Secret with its token is made before. */
export function runningObjects(wanted: WantedDataPlane): NamedObject[] {
  const { min, max } = wanted.settings.replicas;
  return [
    deployment(wanted),
    disruptionBudget(wanted),
    ...(max > min ? [autoscaler(wanted)] : []),
  ].map(withMark);
}

/** Kinds of all that is ever made for an environment. */
export const KINDS: readonly { apiVersion: string; kind: string }[] = [
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'v1', kind: 'ServiceAccount' },
];

export function tokenSecret(
  wanted: WantedDataPlane,
  token: { name: string; secret: string },
): V1Secret & NamedObject {
  const base = metadata(wanted);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      ...base,
      name: tokenSecretNameOf(wanted.environment),
      annotations: { [TOKEN_ANNOTATION]: token.name },
    },
    type: 'Opaque',
    data: { [TOKEN_KEY]: Buffer.from(token.secret).toString('base64') },
  };
}

function withMark(object: NamedObject): NamedObject {
  const mark = createHash('sha256')
    .update(JSON.stringify(object))
    .digest('hex')
    .slice(0, 16);
  const annotations = {
    ...Object(object.metadata).annotations,
    [APPLIED_ANNOTATION]: mark,
  };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function labelsOf({ environment, installation }: WantedDataPlane) {
  return {
    'app.kubernetes.io/name': 'greenroom-data-plane',
    'app.kubernetes.io/managed-by': FIELD_MANAGER,
    [ENVIRONMENT_LABEL]: environment,
    [INSTALLATION_LABEL]: installation,
  };
}

/** Of pods, for as long as a Deployment lives: never more than this. */
function podSelectorOf({ environment, installation }: WantedDataPlane) {
  return {
    matchLabels: {
      [ENVIRONMENT_LABEL]: environment,
      [INSTALLATION_LABEL]: installation,
    },
  };
}

function metadata(wanted: WantedDataPlane) {
  return {
    name: nameOf(wanted.environment),
    namespace: wanted.settings.namespace,
    labels: labelsOf(wanted),
  };
}

function serviceAccount(
  wanted: WantedDataPlane,
): V1ServiceAccount & NamedObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata(wanted),
    // A data plane asks the control plane, never the cluster.
    automountServiceAccountToken: false,
  };
}

function networkPolicy(wanted: WantedDataPlane): V1NetworkPolicy & NamedObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(wanted),
    spec: {
      podSelector: podSelectorOf(wanted),
      policyTypes: ['Ingress'],
      ingress: [
        {
          ports: [HTTP_PORT, ADMIN_PORT].map(port => ({
            protocol: 'TCP',
            port,
          })),
        },
      ],
    },
  };
}

function service(wanted: WantedDataPlane): V1Service & NamedObject {
  const { serviceAnnotations } = wanted.settings;
  const base = metadata(wanted);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...base,
      ...(serviceAnnotations && { annotations: serviceAnnotations }),
    },
    spec: {
      selector: podSelectorOf(wanted).matchLabels,
      ports: [
        { name: 'http', port: HTTP_PORT, protocol: 'TCP', targetPort: 'http' },
      ],
    },
  };
}

function disruptionBudget(
  wanted: WantedDataPlane,
): V1PodDisruptionBudget & NamedObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(wanted),
    spec: {
      maxUnavailable: 1,
      selector: podSelectorOf(wanted),
      // One that does not answer protects nobody.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
}

function autoscaler(
  wanted: WantedDataPlane,
): V2HorizontalPodAutoscaler & NamedObject {
  const { min, max } = wanted.settings.replicas;
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadata(wanted),
    spec: {
      scaleTargetRef: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: nameOf(wanted.environment),
      },
      minReplicas: min,
      maxReplicas: max,
      metrics: scaleMetrics(wanted),
    },
  };
}

function deployment(wanted: WantedDataPlane): V1Deployment & NamedObject {
  const { nodeSelector, replicas } = wanted.settings;
  const name = nameOf(wanted.environment);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(wanted),
    spec: {
      // Left to the autoscaler where there is one: what is applied here would undo what it does.
      ...(replicas.max === replicas.min && { replicas: replicas.min }),
      selector: podSelectorOf(wanted),
      // The new one is ready before an old one goes.
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
      },
      template: {
        metadata: { labels: labelsOf(wanted) },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds:
            UNTOLD_SECONDS + LAME_DUCK_SECONDS + DRAIN_SECONDS + SPARE_SECONDS,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: USER_ID,
            runAsGroup: USER_ID,
            fsGroup: USER_ID,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          ...(nodeSelector && { nodeSelector }),
          // One node that is gone takes as few of them as can be, and they come back elsewhere soon.
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: podSelectorOf(wanted),
            },
          ],
          tolerations: ['not-ready', 'unreachable'].map(trouble => ({
            key: `node.kubernetes.io/${trouble}`,
            operator: 'Exists',
            effect: 'NoExecute',
            tolerationSeconds: GONE_NODE_SECONDS,
          })),
          containers: [container(wanted)],
          volumes: [
            {
              name: 'token',
              secret: { secretName: tokenSecretNameOf(wanted.environment) },
            },
            { name: 'data', emptyDir: {} },
            { name: 'tmp', emptyDir: {} },
          ],
        },
      },
    },
  };
}

function container(wanted: WantedDataPlane): V1Container {
  const { image, resources, secretName } = wanted.settings;
  return {
    name: 'data-plane',
    image,
    env: variables(wanted),
    ...(secretName !== undefined && {
      envFrom: [{ secretRef: { name: secretName } }],
    }),
    ports: [
      { name: 'http', containerPort: HTTP_PORT, protocol: 'TCP' },
      { name: 'admin', containerPort: ADMIN_PORT, protocol: 'TCP' },
    ],
    resources: {
      requests: { ...resources },
      // Time on a processor may be borrowed; memory that is not there ends others.
      limits: { memory: resources.memory },
    },
    // It is live from its first moment on, and ready once each wanted model was tried.
    startupProbe: probe('/v2/health/live', { seconds: 1, failures: 60 }),
    livenessProbe: probe('/v2/health/live', { seconds: 10, failures: 6 }),
    readinessProbe: probe('/v2/health/ready', { seconds: 1, failures: 1 }),
    lifecycle: { preStop: { sleep: { seconds: UNTOLD_SECONDS } } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'token', mountPath: TOKEN_FOLDER, readOnly: true },
      { name: 'data', mountPath: DATA_FOLDER },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}

function probe(
  path: string,
  { seconds, failures }: { seconds: number; failures: number },
): V1Probe {
  return {
    httpGet: { path, port: 'admin' },
    periodSeconds: seconds,
    timeoutSeconds: 5,
    failureThreshold: failures,
  };
}

function variables(wanted: WantedDataPlane): V1EnvVar[] {
  const values: Record<string, string> = {
    NODE_ENV: 'production',
    GREENROOM_CONTROL_PLANE_URL: wanted.controlPlaneUrl,
    GREENROOM_CONTROL_PLANE_TOKEN_FILE: `${TOKEN_FOLDER}/${TOKEN_KEY}`,
    GREENROOM_ENVIRONMENT: wanted.environment,
    GREENROOM_DATA_DIR: DATA_FOLDER,
    GREENROOM_HOST: '0.0.0.0',
    GREENROOM_PORT: String(HTTP_PORT),
    GREENROOM_ADMIN_HOST: '0.0.0.0',
    GREENROOM_ADMIN_PORT: String(ADMIN_PORT),
    GREENROOM_PUBLIC_URL: wanted.publicUrl,
    GREENROOM_LAME_DUCK_SECONDS: String(LAME_DUCK_SECONDS),
    GREENROOM_DRAIN_SECONDS: String(DRAIN_SECONDS),
  };
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}
