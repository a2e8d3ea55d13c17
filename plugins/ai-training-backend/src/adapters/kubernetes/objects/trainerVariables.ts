import type { V1EnvVar } from '@kubernetes/client-node';
import { programVariables } from '../../../backends/program';
import type { WantedAttempt } from '../../../backends/TrainingBackend';
import {
  CA_KEY,
  CHECKPOINTS_FOLDER,
  DATASETS_FOLDER,
  SECRETS_FOLDER,
  TOKEN_KEY,
} from './folders';
import { attemptName, INDEX_ANNOTATION } from './labels';
import type { PlacedAttempt } from './PlacedAttempt';

export const MASTER_PORT = 29_500;

/** How programs of several nodes find each other. */
export interface Rendezvous {
  /** Where the first one is. */
  address: string;
  /** Whether the variables of PyTorch's launcher are set, too. */
  launcher: boolean;
}

export function trainerVariables(
  placed: PlacedAttempt,
  rendezvous: Rendezvous,
): V1EnvVar[] {
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
    ...rendezvousVariables(wanted, rendezvous),
  ];
}

/** As programs of PyTorch and its launcher read them; a program that is alone has none. */
function rendezvousVariables(
  wanted: WantedAttempt,
  { address, launcher }: Rendezvous,
): V1EnvVar[] {
  const { nodes } = wanted.resources;
  if (nodes === 1) return [];
  const index = {
    fieldRef: { fieldPath: `metadata.annotations['${INDEX_ANNOTATION}']` },
  };
  const port = String(MASTER_PORT);
  return [
    { name: 'RANK', valueFrom: index },
    ...plainVariables({
      WORLD_SIZE: String(nodes),
      MASTER_ADDR: address,
      MASTER_PORT: port,
    }),
    ...(launcher
      ? [
          { name: 'PET_NODE_RANK', valueFrom: index },
          ...plainVariables({
            PET_NNODES: String(nodes),
            PET_MASTER_ADDR: address,
            PET_MASTER_PORT: port,
          }),
        ]
      : []),
  ];
}

export function plainVariables(variables: Record<string, string>): V1EnvVar[] {
  return Object.entries(variables).map(([name, value]) => ({
    name,
    value: literal(value),
  }));
}

/** As it is: Kubernetes puts variables in where `$(NAME)` stands. */
export function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}
