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

export function trainerVariables(placed: PlacedAttempt): V1EnvVar[] {
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
