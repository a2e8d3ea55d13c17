import type { V1Container } from '@kubernetes/client-node';
import { fillCommand } from '../../../backends/program';
import { multiplyQuantity } from '../../../backends/quantity';
import type { WantedAttempt } from '../../../backends/TrainingBackend';
import {
  CA_KEY,
  CLAIM_FOLDER,
  DATASETS_FOLDER,
  ORDER_FOLDER,
  ORDER_KEY,
  SECRETS_FOLDER,
  SOURCE_FOLDER,
  TOKEN_KEY,
} from './folders';
import { NODE } from '../trainer/TrainJob';
import type { PlacedAttempt } from './PlacedAttempt';
import { checkpointsMount, CONTAINED, resourcesOf } from './podSpec';
import {
  literal,
  plainVariables,
  type Rendezvous,
  trainerVariables,
} from './trainerVariables';

/** Of a pod: who fetches code and data, and who trains. */
export const FETCH_CONTAINER = 'fetch';
export const TRAINER_CONTAINER = 'trainer';
/** As the container is called that trains: ours, and where Kubeflow Trainer makes the pods. */
export const PROGRAM_CONTAINERS: readonly string[] = [TRAINER_CONTAINER, NODE];

const SCRATCH_BYTES = 1024 ** 3;

export function fetchContainer({ wanted, place }: PlacedAttempt): V1Container {
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

export function trainerContainer(
  placed: PlacedAttempt,
  rendezvous: Rendezvous,
): V1Container {
  const { wanted, place, flavor } = placed;
  const { cpu, memory, count } = wanted.resources;
  return {
    name: TRAINER_CONTAINER,
    image: wanted.program.image,
    command: fillCommand(wanted.program.command, wanted.parameters).map(
      literal,
    ),
    workingDir: SOURCE_FOLDER,
    env: trainerVariables(placed, rendezvous),
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

function bytesOf({ datasets }: WantedAttempt): number {
  const files = datasets.flatMap(dataset => dataset.files);
  return files.reduce((sum, file) => sum + file.sizeBytes, SCRATCH_BYTES);
}
