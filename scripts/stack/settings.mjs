// @ts-check
import path from 'node:path';
import { UserError } from '../lib/output.mjs';
import { dataDirectory } from '../lib/paths.mjs';

/** Data of the embedded database. */
export const postgresDirectory = path.join(dataDirectory, 'postgres');

/** Settings of the local stack, from environment variables. docs/operations.md lists them. */
export function readSettings() {
  const portalPort = readPort('GREENROOM_PORT', 7007);
  const dataPlanePort = readPort('GREENROOM_DATA_PLANE_PORT', 7080);
  const host = process.env.GREENROOM_HOST ?? 'localhost';
  return {
    host,
    /** Address that the portal and the inference server listen at; 0.0.0.0 for all. */
    listenHost: process.env.GREENROOM_LISTEN_HOST ?? '127.0.0.1',
    portalPort,
    portalUrl: process.env.GREENROOM_URL ?? `http://${host}:${portalPort}`,
    /** Where `npm run dev` serves the portal with hot reload. */
    portalDevPort: readPort('GREENROOM_PORTAL_DEV_PORT', 3000),
    dataPlanePort,
    /** Metrics and probes of the inference server. */
    dataPlaneAdminPort: readPort('GREENROOM_DATA_PLANE_ADMIN_PORT', 7081),
    /** Open Inference Protocol over gRPC. */
    dataPlaneGrpcPort: readPort('GREENROOM_DATA_PLANE_GRPC_PORT', 7082),
    dataPlaneUrl:
      process.env.GREENROOM_DATA_PLANE_URL ?? `http://${host}:${dataPlanePort}`,
    databasePort: readPort('GREENROOM_DATABASE_PORT', 7032),
    /** A PostgreSQL server to use instead of the embedded one. */
    databaseUrl: process.env.GREENROOM_DATABASE_URL,
    environmentsRepository: path.join(dataDirectory, 'git/environments.git'),
    /** Whether app-config.local.yaml counts; tests and drills run what everybody has. */
    ownConfig: process.env.GREENROOM_OWN_CONFIG !== 'off',
    demo: process.env.GREENROOM_DEMO !== 'off',
    demoTraffic: process.env.GREENROOM_DEMO_TRAFFIC !== 'off',
  };
}

function readPort(name, fallback) {
  const text = process.env[name];
  if (!text) return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new UserError(
      `${name} is \`${text}\`; it must be a port number from 1 to 65535.`,
    );
  }
  return port;
}

/** Ports that the stack listens at, for checks before it starts. */
export function portsOf(settings) {
  return [
    {
      port: settings.portalPort,
      purpose: 'the portal',
      setting: 'GREENROOM_PORT',
    },
    {
      port: settings.dataPlanePort,
      purpose: 'the inference server',
      setting: 'GREENROOM_DATA_PLANE_PORT',
    },
    {
      port: settings.dataPlaneAdminPort,
      purpose: "the inference server's metrics",
      setting: 'GREENROOM_DATA_PLANE_ADMIN_PORT',
    },
    {
      port: settings.dataPlaneGrpcPort,
      purpose: 'gRPC of the inference server',
      setting: 'GREENROOM_DATA_PLANE_GRPC_PORT',
    },
    ...(settings.databaseUrl
      ? []
      : [
          {
            port: settings.databasePort,
            purpose: 'the embedded database',
            setting: 'GREENROOM_DATABASE_PORT',
          },
        ]),
  ];
}
