import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { CertificateFiles, certifiedAgent } from '@greenroom/certificates';
import { Agent } from 'undici';
import type { Config } from './config';
import { Connections } from './connections/Connections';
import { Brakes } from './domain/brakes/Brakes';
import { DataPlane } from './domain/DataPlane';
import { Shadows } from './domain/shadow/Shadows';
import { KeyedAdmission } from './guardrails/KeyedAdmission';
import { KeyGuard } from './guardrails/KeyGuard';
import { RequestBudgets } from './guardrails/RequestBudgets';
import { Room } from './guardrails/Room';
import { TokenBudgets } from './guardrails/TokenBudgets';
import { AdminServer } from './http/AdminServer';
import { PromptWorker } from './evaluation/PromptWorker';
import { GrpcEdge } from './grpc/GrpcEdge';
import { HttpEdge } from './http/HttpEdge';
import { statusOf } from './http/responses';
import { addressOf, schemeOf, urlOf } from './http/urlOf';
import type { Logger } from './logger';
import { PROVIDER_KINDS } from './providers';
import type { FlushRule } from './runners/decideFlush';
import { ReadinessProbes } from './remote/ReadinessProbes';
import { ModelOpener } from './runners/ModelOpener';
import { MemoryBudget } from './runners/ondemand/MemoryBudget';
import { Turns } from './runners/TurnTakingRunner';
import { WorkerPool } from './runners/workers/WorkerPool';
import type { ProviderKind } from './providers/Provider';
import { Secrets } from './secrets/Secrets';
import { ArtifactCache } from './snapshot/ArtifactCache';
import { SiblingFiles } from './snapshot/SiblingFiles';
import {
  ARTIFACTS_FOLDER,
  LOADING_FOLDER,
  RECORDS_FOLDER,
} from './snapshot/stateFolder';
import { ControlPlaneClient } from './snapshot/ControlPlaneClient';
import { createControlPlaneToken } from './snapshot/controlPlaneToken';
import { LoadMarks } from './snapshot/LoadMarks';
import { ModelFleet } from './snapshot/ModelFleet';
import { ModelLoader } from './snapshot/ModelLoader';
import { SnapshotSync } from './snapshot/SnapshotSync';
import { HttpRecordSink } from './telemetry/HttpRecordSink';
import { LoadMeter } from './telemetry/LoadMeter';
import { Explainer } from './explain/Explainer';
import { ReferenceRows } from './explain/ReferenceRows';
import { Metrics } from './telemetry/Metrics';
import { RecordBuffer } from './telemetry/RecordBuffer';
import { RecordSender } from './telemetry/RecordSender';
import { RecordSpool } from './telemetry/RecordSpool';
import { Telemetry } from './telemetry/Telemetry';
import { writeCertificates } from './telemetry/writeCertificates';
import { writeThreads } from './telemetry/writeThreads';
import { UpstreamMetrics } from './telemetry/UpstreamMetrics';
import { Upstream } from './upstream/Upstream';
import { version } from '../package.json';

/** Longest time that a stop waits for records to be taken, when they can wait on disk instead. */
const HANDOVER_MILLIS = 5_000;

/** A connection that is not there by then will not be. */
const UPSTREAM_CONNECT_MILLIS = 5_000;
/** Shorter than the idle time of usual services, so that none is used that they just close. */
const UPSTREAM_KEEP_ALIVE_MILLIS = 30_000;
/** To one service at a time; each carries one call. */
const UPSTREAM_CONNECTIONS = 1_024;

/** A control plane that has not answered for so long, and so many questions, is away. */
const AWAY_AFTER_MILLIS = 15_000;
const AWAY_AFTER_POLLS = 3;

/** One version that stands still leaves the rest of its model's room to the others. */
const VERSION_SHARE_OF_MODEL = 0.75;

/** The ports that callers reach, by protocol. */
export type Entrance = 'http' | 'grpc';

/** Where callers and operators reach a data plane. */
export interface Reached {
  url: string;
  adminUrl: string;
  /** Host and port of gRPC; undefined where it is off. */
  grpcAddress: string | undefined;
}

/** What a data plane needs to know as one of several processes behind the same ports. */
export interface SharedEntrances {
  /** Where all of them are reached. */
  reached: Reached;
  /** Folder of this one's state. */
  directory: string;
  /** Folders of the states of the others, whose artifacts it may share. */
  siblings: readonly string[];
  /** Those of them that fetch first what all of them want. */
  earlier: readonly string[];
  /** Sees to it that it is given no more connections, and resolves when all that were are here. */
  leave(): Promise<void>;
}

/** A data plane that was put together and not started yet. */
export interface InferenceServer {
  /** Listens, then gets the first snapshot. @returns where callers and operators reach it. */
  start(): Promise<Reached>;
  /** Answers on a connection that another process has accepted, while entrances are shared. */
  take(entrance: Entrance, socket: Socket): void;
  /** Whether it has something to serve, and does not stop. */
  readonly isReady: boolean;
  /** The metrics page in the Prometheus text format. */
  writeMetrics(): string;
  /** Sends callers elsewhere, answers what is in flight, hands the records over, frees the models. */
  stop(): Promise<void>;
  /** Whether some model is still computing, which nothing can stop but the end of the process. */
  readonly isComputing: boolean;
}

/** Puts a data plane together from its settings. */
export function createServer(options: {
  config: Config;
  logger: Logger;
  /** Kinds of services that connections may name; all when left out. */
  kinds?: readonly ProviderKind[];
  /** Absolute path of the program that runs local models, which is bundled by itself. */
  localModelProgram?: string;
  /** Absolute path of the program of a thread that models run in, bundled by itself; left out, all run on the serving thread. */
  modelWorkerProgram?: string;
  /** How long requests wait for others to share a run with; what is worth it when left out. */
  flushRule?: FlushRule;
  /** Left out, it listens itself. */
  shared?: SharedEntrances;
}): InferenceServer {
  const { config, logger, kinds = PROVIDER_KINDS, shared } = options;
  const { controlPlaneUrl, environment } = config;
  const producer = randomUUID();
  // Environments do not share a folder, since each removes what it does not need.
  const directory =
    shared?.directory ?? join(config.dataDirectory, environment);
  const certificates =
    config.tls &&
    new CertificateFiles({ what: 'this server', paths: config.tls, logger });
  const controlPlaneCertificates =
    config.controlPlaneTls &&
    new CertificateFiles({
      what: 'calls to the control plane',
      paths: config.controlPlaneTls,
      logger,
    });
  const dispatcher = certifiedAgent(controlPlaneCertificates);

  const metrics = new Metrics();
  const upstreamMetrics = new UpstreamMetrics();
  const buffer = new RecordBuffer({
    producer,
    environment,
    maxRecords: config.recordsMaxBuffered,
  });
  const spool = new RecordSpool({
    directory: join(directory, RECORDS_FOLDER),
    maxBytes: config.recordsSpoolBytes,
    logger,
  });
  const controlPlaneToken = createControlPlaneToken(config);
  const sender = new RecordSender({
    buffer,
    spool,
    sink: new HttpRecordSink({
      controlPlaneUrl,
      token: controlPlaneToken,
      dispatcher,
    }),
    logger,
    intervalMillis: config.recordsIntervalMillis,
  });

  const keys = new KeyGuard();
  const budgets = new TokenBudgets({
    awayMillis: Math.max(
      AWAY_AFTER_MILLIS,
      AWAY_AFTER_POLLS * config.snapshotPollMillis,
    ),
  });
  const requestBudgets = new RequestBudgets({ shares: budgets.shares });
  const room = new Room({
    server: {
      requests: config.maxRequestsInFlight,
      bytes: config.maxBytesInFlight,
    },
    model: {
      requests: config.maxModelRequestsInFlight,
      bytes: config.maxModelBytesInFlight,
    },
  });
  const telemetry = new Telemetry({ buffer, metrics });
  let sync: SnapshotSync | undefined;
  const brakes = new Brakes({
    settings: config.brakes,
    observer: {
      onPulled: brake => {
        logger.warn('a version loses its traffic here, since it fails', {
          ...brake,
        });
        sync?.tellNews();
      },
      onReleased: ({ model, version: released }) =>
        logger.info('a version is braked no more', {
          model,
          version: released,
        }),
    },
  });
  const dataPlane = new DataPlane({
    admission: new KeyedAdmission({
      keys,
      room,
      tokens: budgets,
      requests: requestBudgets,
    }),
    recorder: telemetry,
    strictReadiness: config.strictReadiness,
    brakes,
  });

  // Callers come and go; a connection to a service is worth keeping.
  const upstreamDispatcher = new Agent({
    connect: { timeout: UPSTREAM_CONNECT_MILLIS },
    keepAliveTimeout: UPSTREAM_KEEP_ALIVE_MILLIS,
    connections: UPSTREAM_CONNECTIONS,
  });
  const connections = new Connections({
    kinds,
    secrets: new Secrets({
      directories: config.secretsDirectories,
      environment: process.env,
    }),
    upstream: new Upstream({
      dispatcher: upstreamDispatcher,
      times: {
        firstByteMillis: config.upstreamFirstByteMillis,
        idleMillis: config.upstreamIdleMillis,
        totalMillis: config.upstreamTotalMillis,
      },
    }),
    logger,
    localModels: {
      directory: config.localModelsDirectory,
      program: options.localModelProgram,
    },
    observer: upstreamMetrics,
  });
  const client = new ControlPlaneClient({
    url: controlPlaneUrl,
    token: controlPlaneToken,
    environment,
    dispatcher,
  });
  const artifacts = new ArtifactCache({
    directory: join(directory, ARTIFACTS_FOLDER),
    siblings:
      shared &&
      new SiblingFiles({
        folders: artifactFolders(shared.siblings),
        earlier: artifactFolders(shared.earlier),
      }),
    open: (path, signal) => client.openArtifact(path, signal),
    logger,
  });
  const turns = new Turns();
  const pool =
    options.modelWorkerProgram === undefined
      ? undefined
      : new WorkerPool({
          program: options.modelWorkerProgram,
          maxThreads: config.workerThreads,
          hungMillis: config.workerHungMillis,
          logger,
        });
  const memory = new MemoryBudget({ limitBytes: config.modelMemoryBytes });
  const fleet: ModelFleet = new ModelFleet({
    loader: new ModelLoader({
      artifacts,
      connections,
      logger,
      probes: new ReadinessProbes({ processes: config.processes }),
      opener: new ModelOpener({ turns, pool }),
      memory,
      flushRule: options.flushRule,
      maxRequests: Math.ceil(
        config.maxModelRequestsInFlight * VERSION_SHARE_OF_MODEL,
      ),
      onBatch: (model, modelVersion, rows) =>
        metrics.observeBatch(model, modelVersion, rows),
      onTrouble: () => fleet.look(),
    }),
    marks: new LoadMarks({ folder: join(directory, LOADING_FOLDER) }),
    logger,
    onTable: table => dataPlane.apply(table),
  });
  pool?.onChange(() => fleet.look());

  const shadows = new Shadows({
    table: () => dataPlane.table,
    room,
    recorder: telemetry,
    statusOf,
    isIdle: () =>
      turns.areFree &&
      (pool?.isFree ?? true) &&
      fleet.counts().queuedRequests === 0,
  });
  dataPlane.copyTo(shadows);

  const edge = new HttpEdge({
    dataPlane,
    logger,
    maxBodyBytes: config.maxBodyBytes,
    maxJsonValues: config.maxJsonValues,
    answerWithinMillis: config.upstreamTotalMillis,
    explainer: new Explainer({ references: new ReferenceRows({ artifacts }) }),
    onOutcome: outcome => telemetry.recordOutcome(outcome),
    training: client,
    serverVersion: version,
    certificates,
  });
  const grpc =
    config.grpcPort === undefined
      ? undefined
      : new GrpcEdge({
          dataPlane,
          logger,
          maxBodyBytes: config.maxBodyBytes,
          maxValues: config.maxJsonValues,
          serverVersion: version,
          certificates,
        });
  const load = new LoadMeter({
    requestsInFlight: () => room.requestsInFlight,
    requestsQueued: () => fleet.counts().queuedRequests,
    requests: () => metrics.requests,
  });
  const writeMetrics = () => {
    const { loaded, failed, queuedRequests } = fleet.counts();
    const served = metrics.write({
      modelsLoaded: loaded,
      modelsFailed: failed,
      queuedRequests,
      requestsInFlight: room.requestsInFlight,
      bytesInFlight: room.bytesInFlight,
      reservedTokens: budgets.reservedTokens,
      recordsWaiting: buffer.size,
      recordsDropped: buffer.queue.losses.counts.records,
      samplesDropped: buffer.queue.losses.counts.samples,
      predictionsDropped: buffer.queue.losses.counts.predictions,
      outcomesDropped: buffer.queue.losses.counts.outcomes,
      brakes: brakes.report(),
      placements: fleet.placements(),
      caches: fleet.caches(),
      onDemand: fleet.onDemand(),
      modelMemory: memory,
      ready: dataPlane.ready,
    });
    return [
      served,
      upstreamMetrics.write(connections.services),
      writeThreads(pool?.report() ?? [], pool?.threadsLost ?? 0),
      writeCertificates({
        server: certificates?.expiresAt,
        'control-plane': controlPlaneCertificates?.expiresAt,
      }),
    ].join('');
  };
  const admin = new AdminServer({
    isReady: () => dataPlane.ready,
    writeMetrics,
  });

  const prompts = new PromptWorker({
    client,
    connections,
    logger,
    producer,
    pollMillis: config.snapshotPollMillis,
  });

  const listen = async (): Promise<Reached> => {
    const { host, port } = config;
    const address = await edge.listen({ host, port });
    const { port: adminPort } = await admin.listen({
      host: config.adminHost,
      port: config.adminPort,
    });
    const grpcPort = await grpc?.listen({ host, port: config.grpcPort ?? 0 });
    return {
      url: urlOf(host, address.port, schemeOf(config)),
      adminUrl: urlOf(config.adminHost, adminPort),
      grpcAddress:
        grpcPort === undefined ? undefined : addressOf(host, grpcPort),
    };
  };

  return {
    get isComputing() {
      return pool?.isBusy ?? false;
    },
    get isReady() {
      return dataPlane.ready;
    },
    writeMetrics,
    take(entrance, socket) {
      if (entrance === 'http') edge.take(socket);
      else grpc?.take(socket);
    },
    async start() {
      const reached = shared?.reached ?? (await listen());
      const { url } = reached;
      sync = new SnapshotSync({
        client,
        directory,
        environment,
        artifacts,
        fleet,
        logger,
        producer,
        publicUrl: config.publicUrl ?? url,
        pollMillis: config.snapshotPollMillis,
        keyUsage: keys,
        budgets,
        requestBudgets,
        brakes,
        connections,
        // A long answer that is still on its way needs this data plane now, and so do prompts.
        load,
        lastRequestAtMillis: () =>
          room.requestsInFlight > 0 || prompts.busy
            ? Date.now()
            : telemetry.lastRequestAtMillis,
        onAccess: access => keys.applyAccess(access),
        onReady: () => dataPlane.start(),
      });
      logger.info(shared ? 'begins' : 'listening', {
        ...reached,
        producer,
        environment,
      });
      await sync.start();
      sender.start();
      prompts.start();
      return reached;
    },
    async stop() {
      dataPlane.beginToStop();
      const left = sync?.leave();
      const stopped = prompts.stop();
      await edge.turnAway(config.lameDuckSeconds * 1000);
      await shared?.leave();
      const deadline = AbortSignal.timeout(config.drainSeconds * 1000);
      await Promise.all([edge.drain(deadline), grpc?.drain(deadline)]);
      await left;
      await stopped;
      shadows.stop();
      load.close();
      // A load in progress is given up, and one that cannot be takes no longer than requests may.
      const synced = sync?.stop();
      await inTime(Promise.all([synced, fleet.close()]), deadline);
      await pool?.close(deadline);
      const handover = spool.enabled
        ? AbortSignal.any([deadline, AbortSignal.timeout(HANDOVER_MILLIS)])
        : deadline;
      await sender.stop(handover);
      await dispatcher.destroy();
      await upstreamDispatcher.destroy();
      certificates?.close();
      controlPlaneCertificates?.close();
      if (!shared) await admin.close();
    },
  };
}

function artifactFolders(folders: readonly string[]): string[] {
  return folders.map(folder => join(folder, ARTIFACTS_FOLDER));
}

/** Waits for work, and no longer than until the signal. */
async function inTime(
  work: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  let onAbort = () => {};
  const late = new Promise<void>(resolve => {
    onAbort = resolve;
    signal.addEventListener('abort', onAbort, { once: true });
  });
  await Promise.race([work, late]);
  signal.removeEventListener('abort', onAbort);
}
