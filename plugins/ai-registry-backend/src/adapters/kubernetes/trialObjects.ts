import { FIELD_MANAGER, type NamedObject } from '@greenroom/cluster-client';
import type { V1Container, V1Job, V1Secret } from '@kubernetes/client-node';

/** Of a trial's pod: who fetches, and who loads. */
export const FETCH_CONTAINER = 'fetch';
export const TRIAL_CONTAINER = 'trial';

const ORDER_KEY = 'order';
const TOKEN_KEY = 'token';
const ORDER_FOLDER = '/var/run/greenroom';
const DATA_FOLDER = '/var/lib/greenroom';
const USER_ID = 65_532;
/** For a control plane that ends meanwhile: nobody waits for its result any more. */
const KEPT_SECONDS = 300;

/** Settings of trials in a cluster. */
export interface TrialPlace {
  /** As Backstage names it (kubernetes.clusterLocatorMethods); undefined for the one that the control plane runs in. */
  cluster?: string;
  namespace: string;
  /** Of the data plane. */
  image: string;
  cpu: string;
  nodeSelector?: Record<string, string>;
  /** Where pods reach the control plane; undefined for backend.baseUrl. */
  controlPlaneUrl?: string;
  /** How long a pod may take until the model is loaded: a node, the image, the files. */
  startTimeoutMillis: number;
}

export interface WantedTrial {
  name: string;
  installation: string;
  place: Pick<TrialPlace, 'namespace' | 'image' | 'cpu' | 'nodeSelector'>;
  controlPlaneUrl: string;
  maxMemoryBytes: number;
  /** Of all files of the version. */
  sizeBytes: number;
  /** After which the cluster ends it, whoever waits. */
  deadlineSeconds: number;
}

/** What selects the pod of a trial. */
export function podSelectorOf(name: string): string {
  return `batch.kubernetes.io/job-name=${name}`;
}

/**
 * A Job that tries one version: one container fetches its files, with a token, and another one, which has none, loads
 * it, so that the time and the memory of loading are those of nothing else.
 */
export function trialJob(wanted: WantedTrial): V1Job & NamedObject {
  const { name, place, controlPlaneUrl, deadlineSeconds } = wanted;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadataOf(wanted),
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: deadlineSeconds,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: { labels: labelsOf(wanted) },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: USER_ID,
            runAsGroup: USER_ID,
            fsGroup: USER_ID,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          ...(place.nodeSelector && { nodeSelector: place.nodeSelector }),
          initContainers: [
            {
              ...container(wanted, FETCH_CONTAINER),
              args: [
                'fetch-trial',
                `${ORDER_FOLDER}/${ORDER_KEY}`,
                DATA_FOLDER,
              ],
              env: [
                { name: 'NODE_ENV', value: 'production' },
                { name: 'GREENROOM_CONTROL_PLANE_URL', value: controlPlaneUrl },
                {
                  name: 'GREENROOM_CONTROL_PLANE_TOKEN_FILE',
                  value: `${ORDER_FOLDER}/${TOKEN_KEY}`,
                },
              ],
              volumeMounts: [
                { name: 'order', mountPath: ORDER_FOLDER, readOnly: true },
                { name: 'data', mountPath: DATA_FOLDER },
              ],
            },
          ],
          containers: [
            {
              ...container(wanted, TRIAL_CONTAINER),
              args: ['trial', `${DATA_FOLDER}/request.json`],
              env: [{ name: 'NODE_ENV', value: 'production' }],
              volumeMounts: [
                { name: 'data', mountPath: DATA_FOLDER, readOnly: true },
                { name: 'tmp', mountPath: '/tmp' },
              ],
            },
          ],
          volumes: [
            { name: 'order', secret: { secretName: name } },
            { name: 'data', emptyDir: {} },
            { name: 'tmp', emptyDir: {} },
          ],
        },
      },
    },
  };
}

/** What the pod is to do, and its token; it goes when its Job goes. */
export function trialSecret(
  wanted: WantedTrial,
  content: { jobUid: string; order: Buffer; token: string },
): V1Secret & NamedObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      ...metadataOf(wanted),
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'Job',
          name: wanted.name,
          uid: content.jobUid,
        },
      ],
    },
    type: 'Opaque',
    data: {
      [ORDER_KEY]: content.order.toString('base64'),
      [TOKEN_KEY]: Buffer.from(content.token).toString('base64'),
    },
  };
}

function labelsOf({ installation }: WantedTrial) {
  return {
    'app.kubernetes.io/name': 'greenroom-trial',
    'app.kubernetes.io/managed-by': FIELD_MANAGER,
    'greenroom.dev/installation': installation,
  };
}

function metadataOf(wanted: WantedTrial) {
  return {
    name: wanted.name,
    namespace: wanted.place.namespace,
    labels: labelsOf(wanted),
  };
}

function container(
  { place, maxMemoryBytes, sizeBytes }: WantedTrial,
  name: string,
): V1Container {
  const memory = String(maxMemoryBytes);
  return {
    name,
    image: place.image,
    resources: {
      requests: {
        cpu: place.cpu,
        memory,
        // The files lie on the node's disk.
        'ephemeral-storage': String(sizeBytes),
      },
      limits: { memory },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}
