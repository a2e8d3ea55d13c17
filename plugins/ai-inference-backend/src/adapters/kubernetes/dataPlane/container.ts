import type { V1Container, V1EnvVar } from '@kubernetes/client-node';
import { probe, UNTOLD_SECONDS } from '../workload/podSpec';
import { TOKEN_KEY } from './tokenSecret';
import {
  ADMIN_PORT,
  GRPC_PORT,
  HTTP_PORT,
  needsOf,
  type WantedDataPlane,
} from './WantedDataPlane';

const TOKEN_FOLDER = '/var/run/greenroom';
const DATA_FOLDER = '/var/lib/greenroom';
/** When it is told to end, it says so to callers who keep connections, for so long at most. */
export const LAME_DUCK_SECONDS = 10;
export const DRAIN_SECONDS = 30;

export function container(wanted: WantedDataPlane): V1Container {
  const { grpc, image, secretName } = wanted.settings;
  const { requests, limits } = needsOf(wanted);
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
      ...(grpc
        ? [{ name: 'grpc', containerPort: GRPC_PORT, protocol: 'TCP' }]
        : []),
    ],
    resources: { requests, limits },
    // It is live from its first moment on, and ready once each wanted model was tried.
    startupProbe: admin('/v2/health/live', { seconds: 1, failures: 60 }),
    livenessProbe: admin('/v2/health/live', { seconds: 10, failures: 6 }),
    readinessProbe: admin('/v2/health/ready', { seconds: 1, failures: 1 }),
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

function admin(path: string, times: { seconds: number; failures: number }) {
  return probe(path, { port: 'admin', ...times });
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
    ...(wanted.settings.grpc && { GREENROOM_GRPC_PORT: String(GRPC_PORT) }),
  };
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}
