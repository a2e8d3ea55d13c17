import { FIELD_MANAGER, type NamedObject } from '@greenroom/cluster-client';
import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import type {
  V1Container,
  V1EnvVar,
  V1Job,
  V1NetworkPolicy,
  V1NetworkPolicyPeer,
  V1PodSpec,
  V1Secret,
  V1Service,
  V1Volume,
  V1VolumeMount,
} from '@kubernetes/client-node';
import { fillCommand, programVariables } from '../../backends/program';
import { multiplyQuantity } from '../../backends/quantity';
import type { AttemptId, WantedAttempt } from '../../backends/TrainingBackend';
import type { AllowedPeer, TrainingPlace } from './settings';

/** Of a pod: who fetches code and data, and who trains. */
export const FETCH_CONTAINER = 'fetch';
export const TRAINER_CONTAINER = 'trainer';

export const INSTALLATION_LABEL = 'greenroom.dev/installation';
const JOB_LABEL = 'greenroom.dev/training-job';
const ATTEMPT_LABEL = 'greenroom.dev/training-attempt';
export const QUEUE_LABEL = 'kueue.x-k8s.io/queue-name';
/** Of which index of its Job a pod is. */
export const INDEX_ANNOTATION = 'batch.kubernetes.io/job-completion-index';
/** How long the program may run, seconds. */
export const DEADLINE_ANNOTATION = 'greenroom.dev/deadline-seconds';

const COMPONENT = 'training';
const FORGET_COMPONENT = 'training-forget';
const COMPONENT_LABEL = 'app.kubernetes.io/component';

const SOURCE_FOLDER = '/greenroom/source';
const DATASETS_FOLDER = '/greenroom/datasets';
const CHECKPOINTS_FOLDER = '/greenroom/checkpoints';
const CLAIM_FOLDER = '/greenroom/claim';
const ORDER_FOLDER = '/var/run/greenroom/order';
const SECRETS_FOLDER = '/var/run/secrets/greenroom';
const ORDER_KEY = 'order';
const TOKEN_KEY = 'token';
const CA_KEY = 'ca.crt';

const MASTER_PORT = 29_500;
/** For a node, the image, code and data; once its program runs, a pod's deadline is that of the program. */
const SPARE_SECONDS = 900;
/** Long enough that what is left is read, also after a weekend without the control plane. */
const KEPT_SECONDS = 7 * 24 * 60 * 60;
const FORGET_SECONDS = 600;
const SCRATCH_BYTES = 1024 ** 3;
const MOST_LABEL_CHARACTERS = 63;

const CONTAINED: V1Container['securityContext'] = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** What is wanted, and where. */
export interface PlacedAttempt {
  wanted: WantedAttempt;
  place: TrainingPlace;
  installation: string;
  /** Undefined where the job names none. */
  flavor: Flavor | undefined;
}

/** Of the Job and all that belongs to it; at most 63 characters, so that its pods' names are whole. */
export function attemptName({ job, number }: AttemptId): string {
  return `training-${job}-${number}`;
}

/** What finds the Jobs and pods of attempts. */
export function attemptSelector(installation: string): string {
  return `${INSTALLATION_LABEL}=${installation},${COMPONENT_LABEL}=${COMPONENT}`;
}

/** Whose it is, by its labels; undefined where it is of none. */
export function attemptOf(
  labels: Record<string, string> | undefined,
): AttemptId | undefined {
  const job = labels?.[JOB_LABEL];
  const number = Number(labels?.[ATTEMPT_LABEL]);
  return job !== undefined && Number.isInteger(number)
    ? { job, number }
    : undefined;
}

/** A Job that runs one attempt, with a pod for each of its nodes. It is never tried again by the cluster. */
export function trainingJob(placed: PlacedAttempt): V1Job & NamedObject {
  const { wanted, place } = placed;
  const { nodes } = wanted.resources;
  const queue = queueOf(placed);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...metadataOf(placed),
      labels: {
        ...labelsOf(placed),
        ...(queue !== undefined && { [QUEUE_LABEL]: queue }),
      },
    },
    spec: {
      suspend: queue !== undefined,
      completionMode: 'Indexed',
      completions: nodes,
      parallelism: nodes,
      backoffLimit: 0,
      podReplacementPolicy: 'Failed',
      // So that the Job itself says how it ended, also when its pods are gone.
      podFailurePolicy: {
        rules: [
          {
            action: 'FailJob',
            onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }],
          },
          {
            action: 'FailJob',
            onExitCodes: {
              containerName: TRAINER_CONTAINER,
              operator: 'NotIn',
              values: [0],
            },
          },
        ],
      },
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: {
          labels: labelsOf(placed),
          annotations: {
            'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
          },
        },
        spec: {
          ...podSpecOf(place, wanted.deadlineSeconds + SPARE_SECONDS),
          subdomain: attemptName(wanted),
          ...placementOf(placed.flavor),
          initContainers: [fetchContainer(placed)],
          containers: [trainerContainer(placed)],
          volumes: volumesOf(placed),
        },
      },
    },
  };
}

/** What the pods are given, and their token; it goes when its Job goes. */
export function trainingSecret(
  placed: PlacedAttempt,
  content: { jobUid: string; order: Buffer; token: string },
): V1Secret & NamedObject {
  const { controlPlaneCa } = placed.place;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: ownedMetadata(placed, content.jobUid),
    type: 'Opaque',
    data: {
      [ORDER_KEY]: content.order.toString('base64'),
      [TOKEN_KEY]: base64(content.token),
      ...(controlPlaneCa !== undefined && { [CA_KEY]: base64(controlPlaneCa) }),
    },
  };
}

/** Gives the pods of an attempt on several nodes names that they find each other by. */
export function trainingService(
  placed: PlacedAttempt,
  jobUid: string,
): V1Service & NamedObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMetadata(placed, jobUid),
    spec: {
      clusterIP: 'None',
      // They meet before they are ready.
      publishNotReadyAddresses: true,
      selector: selectorOf(placed),
      ports: [{ name: 'rendezvous', port: MASTER_PORT, protocol: 'TCP' }],
    },
  };
}

/** Has the pods of an attempt reach each other, names, and what is allowed; nobody else reaches them. */
export function trainingNetworkPolicy(
  placed: PlacedAttempt,
  allow: readonly AllowedPeer[],
  jobUid: string,
): V1NetworkPolicy & NamedObject {
  const own = { podSelector: { matchLabels: selectorOf(placed) } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: ownedMetadata(placed, jobUid),
    spec: {
      podSelector: own.podSelector,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ _from: [own] }],
      egress: [
        { to: [own] },
        {
          ports: [
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 53 },
          ],
        },
        ...allow.map(peer => ({
          to: [peerOf(peer)],
          ...(peer.port !== undefined && {
            ports: [{ protocol: 'TCP', port: peer.port }],
          }),
        })),
      ],
    },
  };
}

/** What puts code and data there is told what to fetch. */
export function orderOf({ wanted, place }: PlacedAttempt): object {
  const { job, resumeOf } = wanted;
  return {
    source: {
      path: `/api/ai-training/jobs/${job}/source`,
      digest: wanted.sourceDigest,
    },
    datasets: wanted.datasets.map(({ name, files }) => ({
      name,
      files: files.map(({ path, digest, sizeBytes }) => ({
        path,
        digest,
        sizeBytes,
      })),
    })),
    ...(place.checkpointsClaim !== undefined && {
      checkpoints: {
        own: job,
        ...(resumeOf !== undefined && { from: resumeOf }),
      },
    }),
  };
}

/** A Job that removes a job's checkpoints from the claim. */
export function forgetJob(
  job: string,
  { place, installation }: Pick<PlacedAttempt, 'place' | 'installation'>,
): V1Job & NamedObject {
  const labels = commonLabels(installation, FORGET_COMPONENT);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `training-forget-${job}`,
      namespace: place.namespace,
      labels,
    },
    spec: {
      backoffLimit: 3,
      activeDeadlineSeconds: FORGET_SECONDS,
      ttlSecondsAfterFinished: FORGET_SECONDS,
      template: {
        metadata: { labels },
        spec: {
          ...podSpecOf(place, FORGET_SECONDS),
          containers: [
            {
              name: 'forget',
              image: place.fetchImage,
              args: ['forget-training', CLAIM_FOLDER, job],
              env: [{ name: 'NODE_ENV', value: 'production' }],
              resources: resourcesOf({ cpu: '100m', memory: '256Mi' }),
              securityContext: CONTAINED,
              volumeMounts: [{ name: 'claim', mountPath: CLAIM_FOLDER }],
            },
          ],
          volumes: [claimVolume(place)],
        },
      },
    },
  };
}

function podSpecOf(
  { userId, graceSeconds }: TrainingPlace,
  deadlineSeconds: number,
): Omit<V1PodSpec, 'containers'> {
  return {
    restartPolicy: 'Never',
    activeDeadlineSeconds: deadlineSeconds,
    terminationGracePeriodSeconds: graceSeconds,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: userId,
      runAsGroup: userId,
      fsGroup: userId,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}

function placementOf(flavor: Flavor | undefined): Partial<V1PodSpec> {
  return {
    ...(flavor?.nodeSelector && { nodeSelector: flavor.nodeSelector }),
    ...(flavor?.tolerations && { tolerations: flavor.tolerations }),
    ...(flavor?.runtimeClass !== undefined && {
      runtimeClassName: flavor.runtimeClass,
    }),
  };
}

function fetchContainer({ wanted, place }: PlacedAttempt): V1Container {
  const hasClaim = place.checkpointsClaim !== undefined;
  return {
    name: FETCH_CONTAINER,
    image: place.fetchImage,
    args: [
      'fetch-training',
      `${ORDER_FOLDER}/${ORDER_KEY}`,
      SOURCE_FOLDER,
      DATASETS_FOLDER,
      ...(hasClaim ? [CLAIM_FOLDER] : []),
    ],
    env: plainVariables({
      NODE_ENV: 'production',
      GREENROOM_CONTROL_PLANE_URL: place.controlPlaneUrl,
      GREENROOM_CONTROL_PLANE_TOKEN_FILE: `${SECRETS_FOLDER}/${TOKEN_KEY}`,
      ...(place.controlPlaneCa !== undefined && {
        NODE_EXTRA_CA_CERTS: `${SECRETS_FOLDER}/${CA_KEY}`,
      }),
    }),
    resources: {
      requests: {
        cpu: '250m',
        memory: '256Mi',
        'ephemeral-storage': String(bytesOf(wanted)),
      },
      limits: { memory: '1Gi' },
    },
    securityContext: CONTAINED,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'order', mountPath: ORDER_FOLDER, readOnly: true },
      { name: 'secrets', mountPath: SECRETS_FOLDER, readOnly: true },
      { name: 'source', mountPath: SOURCE_FOLDER },
      { name: 'datasets', mountPath: DATASETS_FOLDER },
      { name: 'fetch-tmp', mountPath: '/tmp' },
      ...(hasClaim ? [{ name: 'claim', mountPath: CLAIM_FOLDER }] : []),
    ],
  };
}

function trainerContainer(placed: PlacedAttempt): V1Container {
  const { wanted, place, flavor } = placed;
  const { cpu, memory, count } = wanted.resources;
  return {
    name: TRAINER_CONTAINER,
    image: wanted.program.image,
    command: fillCommand(wanted.program.command, wanted.parameters).map(
      literal,
    ),
    workingDir: SOURCE_FOLDER,
    env: trainerVariables(placed),
    resources: resourcesOf({
      cpu: place.cpu,
      memory: place.memory,
      ...Object.fromEntries(
        Object.entries(flavor?.resources ?? {}).map(([resource, quantity]) => [
          resource,
          multiplyQuantity(quantity, count),
        ]),
      ),
      ...(cpu !== undefined && { cpu }),
      ...(memory !== undefined && { memory }),
    }),
    securityContext: CONTAINED,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'source', mountPath: SOURCE_FOLDER },
      { name: 'datasets', mountPath: DATASETS_FOLDER, readOnly: true },
      checkpointsMount(placed),
      { name: 'secrets', mountPath: SECRETS_FOLDER, readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'shm', mountPath: '/dev/shm' },
    ],
  };
}

function trainerVariables(placed: PlacedAttempt): V1EnvVar[] {
  const { wanted, place } = placed;
  const { controlPlaneUrl, controlPlaneCa } = place;
  const ca = `${SECRETS_FOLDER}/${CA_KEY}`;
  const tokenFile = `${SECRETS_FOLDER}/${TOKEN_KEY}`;
  const statusUrl = `${controlPlaneUrl}/api/ai-training/jobs/${wanted.job}/trainer-status`;
  const name = attemptName(wanted);
  return [
    ...plainVariables({
      HOME: '/tmp',
      PYTHONUNBUFFERED: '1',
      ...programVariables(wanted, {
        datasetFolder: dataset => `${DATASETS_FOLDER}/${dataset}`,
        ...(wanted.checkpoints && { checkpoints: CHECKPOINTS_FOLDER }),
        tokenFile,
      }),
      // Where pods reach the control plane, which others may reach elsewhere.
      GREENROOM_URL: controlPlaneUrl,
      GREENROOM_CONTROL_PLANE_URL: controlPlaneUrl,
      GREENROOM_CONTROL_PLANE_TOKEN_FILE: tokenFile,
      MLFLOW_TRACKING_URI: `${controlPlaneUrl}/api/ai-training/mlflow`,
      // As Kubeflow Trainer names them, in its later releases and in its first one.
      KUBEFLOW_TRAINER_SERVER_URL: statusUrl,
      KUBEFLOW_TRAINER_SERVER_TOKEN: tokenFile,
      KUBEFLOW_TRAINER_STATUS_URL: statusUrl,
      KUBEFLOW_TRAINER_STATUS_TOKEN: tokenFile,
      ...(controlPlaneCa !== undefined && {
        KUBEFLOW_TRAINER_SERVER_CA_CERT: ca,
        KUBEFLOW_TRAINER_STATUS_CA_CERT: ca,
        MLFLOW_TRACKING_SERVER_CERT_PATH: ca,
      }),
    }),
    {
      name: 'MLFLOW_TRACKING_TOKEN',
      valueFrom: { secretKeyRef: { name, key: TOKEN_KEY } },
    },
    ...rendezvousVariables(wanted),
  ];
}

/** As programs of PyTorch and its launcher read them; a program that is alone has none. */
function rendezvousVariables(wanted: WantedAttempt): V1EnvVar[] {
  const { nodes } = wanted.resources;
  if (nodes === 1) return [];
  const name = attemptName(wanted);
  const index = {
    fieldRef: { fieldPath: `metadata.annotations['${INDEX_ANNOTATION}']` },
  };
  const address = `${name}-0.${name}`;
  return [
    { name: 'RANK', valueFrom: index },
    { name: 'PET_NODE_RANK', valueFrom: index },
    ...plainVariables({
      WORLD_SIZE: String(nodes),
      MASTER_ADDR: address,
      MASTER_PORT: String(MASTER_PORT),
      PET_NNODES: String(nodes),
      PET_MASTER_ADDR: address,
      PET_MASTER_PORT: String(MASTER_PORT),
    }),
  ];
}

function volumesOf({ wanted, place }: PlacedAttempt): V1Volume[] {
  const secretName = attemptName(wanted);
  const hasClaim = place.checkpointsClaim !== undefined;
  return [
    {
      name: 'order',
      secret: { secretName, items: [{ key: ORDER_KEY, path: ORDER_KEY }] },
    },
    {
      name: 'secrets',
      secret: {
        secretName,
        items: [TOKEN_KEY, ...(place.controlPlaneCa ? [CA_KEY] : [])].map(
          key => ({ key, path: key }),
        ),
      },
    },
    { name: 'source', emptyDir: {} },
    { name: 'datasets', emptyDir: {} },
    { name: 'tmp', emptyDir: {} },
    { name: 'fetch-tmp', emptyDir: {} },
    // Its size is that of the container's memory.
    { name: 'shm', emptyDir: { medium: 'Memory' } },
    hasClaim ? claimVolume(place) : { name: 'checkpoints', emptyDir: {} },
  ];
}

function claimVolume({ checkpointsClaim = '' }: TrainingPlace): V1Volume {
  return {
    name: 'claim',
    persistentVolumeClaim: { claimName: checkpointsClaim },
  };
}

/** The program sees its own job's folder of the claim, and no other one. */
function checkpointsMount({ wanted, place }: PlacedAttempt): V1VolumeMount {
  return place.checkpointsClaim === undefined
    ? { name: 'checkpoints', mountPath: CHECKPOINTS_FOLDER }
    : { name: 'claim', mountPath: CHECKPOINTS_FOLDER, subPath: wanted.job };
}

function resourcesOf(resources: Record<string, string>) {
  return { requests: resources, limits: resources };
}

function plainVariables(variables: Record<string, string>): V1EnvVar[] {
  return Object.entries(variables).map(([name, value]) => ({
    name,
    value: literal(value),
  }));
}

/** As it is: Kubernetes puts variables in where `$(NAME)` stands. */
function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}

function peerOf({
  cidr,
  namespace,
  podLabels,
}: AllowedPeer): V1NetworkPolicyPeer {
  if (cidr !== undefined) return { ipBlock: { cidr } };
  return {
    namespaceSelector: {
      matchLabels: { 'kubernetes.io/metadata.name': namespace ?? '' },
    },
    ...(podLabels && { podSelector: { matchLabels: podLabels } }),
  };
}

/** Of the LocalQueue that its team's jobs wait in; undefined where Kueue does not decide. */
export function queueOf({ wanted, place }: PlacedAttempt): string | undefined {
  return place.kueue?.teams[wanted.team] ?? place.kueue?.queue;
}

function bytesOf({ datasets }: WantedAttempt): number {
  const files = datasets.flatMap(dataset => dataset.files);
  return files.reduce((sum, file) => sum + file.sizeBytes, SCRATCH_BYTES);
}

function commonLabels(installation: string, component: string) {
  return {
    'app.kubernetes.io/name': 'greenroom-training',
    'app.kubernetes.io/managed-by': FIELD_MANAGER,
    [COMPONENT_LABEL]: component,
    [INSTALLATION_LABEL]: installation,
  };
}

function selectorOf({ wanted }: PlacedAttempt) {
  return {
    [JOB_LABEL]: wanted.job,
    [ATTEMPT_LABEL]: String(wanted.number),
  };
}

function labelsOf(placed: PlacedAttempt): Record<string, string> {
  const { wanted, installation } = placed;
  return {
    ...commonLabels(installation, COMPONENT),
    ...selectorOf(placed),
    'greenroom.dev/run': toLabel(wanted.run),
    'greenroom.dev/team': toLabel(wanted.team),
    'greenroom.dev/template': toLabel(wanted.template),
    'backstage.io/kubernetes-id': toLabel(wanted.template),
  };
}

function metadataOf(placed: PlacedAttempt) {
  const { wanted, place } = placed;
  return {
    name: attemptName(wanted),
    namespace: place.namespace,
    labels: labelsOf(placed),
    annotations: {
      'greenroom.dev/team': wanted.team,
      [DEADLINE_ANNOTATION]: String(wanted.deadlineSeconds),
    },
  };
}

function ownedMetadata(placed: PlacedAttempt, jobUid: string) {
  const { annotations: _, ...metadata } = metadataOf(placed);
  return {
    ...metadata,
    ownerReferences: [
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        name: metadata.name,
        uid: jobUid,
      },
    ],
  };
}

/** For people who look for it: a label has no slashes or colons. */
function toLabel(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_.-]/g, '_')
    .slice(0, MOST_LABEL_CHARACTERS)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
