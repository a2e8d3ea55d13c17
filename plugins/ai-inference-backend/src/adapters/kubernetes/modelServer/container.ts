import type {
  ModelServerSettings,
  PodNeeds,
} from '@greenroom/plugin-ai-registry-common';
import type { V1Container } from '@kubernetes/client-node';
import { probe, UNTOLD_SECONDS } from '../workload/podSpec';

/** Name of the container, among those that a service mesh may put beside it. */
export const SERVER_CONTAINER = 'server';
export const SHARED_MEMORY_VOLUME = 'shm';
const LIVE_PATH = '/v2/health/live';
const STARTUP_PROBE_SECONDS = 5;
const MINUTE_SECONDS = 60;

export function portsOf({
  port,
  grpcPort,
}: ModelServerSettings): { name: string; port: number }[] {
  return [
    { name: 'http', port },
    ...(grpcPort === undefined ? [] : [{ name: 'grpc', port: grpcPort }]),
  ];
}

/** Of the volume at this position. */
export function volumeName(index: number): string {
  return `volume-${index}`;
}

export function container(
  settings: ModelServerSettings,
  { requests, limits }: PodNeeds,
): V1Container {
  const { args, env, image, secretName, sharedMemory, volumes } = settings;
  const { protocol, readinessPath, startupMinutes } = settings;
  const http = { port: 'http' };
  return {
    name: SERVER_CONTAINER,
    image,
    ...(args.length > 0 && { args }),
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    ...(secretName !== undefined && {
      envFrom: [{ secretRef: { name: secretName } }],
    }),
    ports: portsOf(settings).map(({ name, port }) => ({
      name,
      containerPort: port,
      protocol: 'TCP',
    })),
    resources: { requests, limits },
    // Large models load for long; until they have, nothing else is asked.
    startupProbe: probe(readinessPath, {
      ...http,
      seconds: STARTUP_PROBE_SECONDS,
      failures: Math.ceil(
        (startupMinutes * MINUTE_SECONDS) / STARTUP_PROBE_SECONDS,
      ),
    }),
    livenessProbe: probe(
      protocol === 'open-inference' ? LIVE_PATH : readinessPath,
      { ...http, seconds: 10, failures: 6 },
    ),
    readinessProbe: probe(readinessPath, { ...http, seconds: 2, failures: 2 }),
    lifecycle: { preStop: { sleep: { seconds: UNTOLD_SECONDS } } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      ...volumes.map(({ mountPath, readOnly }, index) => ({
        name: volumeName(index),
        mountPath,
        readOnly,
      })),
      ...(sharedMemory === undefined
        ? []
        : [{ name: SHARED_MEMORY_VOLUME, mountPath: '/dev/shm' }]),
    ],
  };
}
