import type { Socket } from 'node:net';
import type { CertificateFiles } from '@greenroom/certificates';
import {
  logVerbosity,
  Server,
  setLogVerbosity,
  type ConnectionInjector,
  type handleUnaryCall,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import {
  changeMemory,
  refuseParameters,
  type MemoryChange,
} from '../domain/changeMemory';
import { findVersion, notReady } from '../domain/findVersion';
import { InferenceError } from '../domain/InferenceError';
import type { ServedRoute } from '../domain/ServedRoute';
import { asTensors } from '../domain/versionKinds';
import { credentialOf } from '../http/credentialOf';
import { EXTENSIONS, SERVER_NAME } from '../http/openInference/server';
import { describeConfig } from '../http/openInference/describeConfig';
import { describeStatistics } from '../http/openInference/describeStatistics';
import { listRepository } from '../http/openInference/listRepository';
import {
  LOG_SETTINGS,
  SHARED_MEMORY,
  TRACE_SETTINGS,
} from '../http/openInference/refusedExtensions';
import { grpcCredentials } from '../tls/grpcCredentials';
import { toMetadataResponse } from './describe';
import {
  GrpcInferExchange,
  headersOf,
  type GrpcContext,
} from './GrpcInferExchange';
import { GrpcHealth } from './GrpcHealth';
import { InferStreams, peerOf, timeLeftOf } from './InferStreams';
import {
  definitionOfService,
  HEALTH_SERVICE,
  INFERENCE_SERVICE,
  REFLECTION_SERVICES,
  type Received,
} from './protocol';
import { readMemoryRequest } from './readMemoryRequest';
import { createReflection } from './reflection';
import { unary } from './unary';

// What fails is thrown, or told to the caller; the library's own lines are no entries of our log.
setLogVerbosity(logVerbosity.NONE);

/** Of one connection, which a caller without a key may open too. */
const MOST_CALLS_OF_A_CONNECTION = 2_048;

/** The Open Inference Protocol v2 over gRPC, with the extensions that Triton's clients know. */
export class GrpcEdge {
  readonly #context: GrpcContext;
  readonly #serverVersion: string;
  readonly #server: Server;
  readonly #certificates: CertificateFiles | undefined;
  readonly #health: GrpcHealth;
  readonly #streams: InferStreams;
  #injector: ConnectionInjector | undefined;

  constructor(
    options: GrpcContext & {
      maxBodyBytes: number;
      /** Most values of a message, where a message within it counts as several. */
      maxValues: number;
      serverVersion: string;
      /** Left out, callers are not encrypted. */
      certificates?: CertificateFiles;
    },
  ) {
    this.#context = options;
    this.#certificates = options.certificates;
    this.#serverVersion = options.serverVersion;
    this.#server = new Server({
      'grpc.max_receive_message_length': options.maxBodyBytes,
      'grpc.max_send_message_length': -1,
      'grpc.max_concurrent_streams': MOST_CALLS_OF_A_CONNECTION,
    });
    const { dataPlane } = options;
    this.#streams = new InferStreams(options);
    this.#health = new GrpcHealth({ isReady: () => dataPlane.ready });
    const services: Record<string, UntypedServiceImplementation> = {
      [INFERENCE_SERVICE]: this.#implementation(),
      [HEALTH_SERVICE]: this.#health.implementation(),
    };
    const reflect = createReflection();
    for (const name of REFLECTION_SERVICES) {
      services[name] = { ServerReflectionInfo: reflect };
    }
    for (const [name, implementation] of Object.entries(services)) {
      this.#server.addService(
        definitionOfService(name, options.maxValues),
        implementation,
      );
    }
  }

  /** @returns the port that is listened on. */
  listen(options: { host: string; port: number }): Promise<number> {
    const { host, port } = options;
    const address = host.includes(':') ? `[${host}]` : host;
    return new Promise((resolve, reject) =>
      this.#server.bindAsync(
        `${address}:${port}`,
        grpcCredentials(this.#certificates),
        (error, bound) =>
          error ? reject(notListening(address, port, error)) : resolve(bound),
      ),
    );
  }

  /** Answers on a connection that another process has accepted. */
  take(socket: Socket): void {
    this.#injector ??= this.#server.createConnectionInjector(
      grpcCredentials(this.#certificates),
    );
    const injector = this.#injector;
    // As on those that it accepts itself.
    socket.setNoDelay(true);
    socket.allowHalfOpen = true;
    // When it has its certificates.
    process.nextTick(() => injector.injectConnection(socket));
  }

  /** Takes no new calls, answers what is in flight, and closes; at the signal at once. */
  async drain(signal: AbortSignal): Promise<void> {
    const force = () => this.#server.forceShutdown();
    if (signal.aborted) force();
    signal.addEventListener('abort', force, { once: true });
    const closed = new Promise<void>(resolve =>
      this.#server.tryShutdown(() => resolve()),
    );
    this.#health.close();
    this.#streams.close();
    await closed;
    signal.removeEventListener('abort', force);
  }

  #implementation(): UntypedServiceImplementation {
    const { dataPlane } = this.#context;
    const refused = (reason: string) =>
      unary(() => {
        throw new InferenceError('unsupported', reason);
      });
    return {
      ServerLive: unary(() => ({ live: true })),
      ServerReady: unary(() => ({ ready: dataPlane.ready })),
      ServerMetadata: unary(() => ({
        name: SERVER_NAME,
        version: this.#serverVersion,
        extensions: EXTENSIONS,
      })),
      ModelReady: unary(call => {
        const { name, version } = askedOf(call);
        const { route } = dataPlane.admit({
          credential: credentialIn(call),
          model: name,
        });
        return {
          ready: version === '' ? route.ready : isLoaded(route, version),
        };
      }),
      ModelMetadata: unary(call => {
        const { route, served } = this.#find(call);
        return toMetadataResponse(route, served);
      }),
      ModelConfig: unary(call => {
        const { route, served } = this.#find(call);
        return { config: describeConfig(route, asTensors(served)) };
      }),
      ModelStatistics: unary(call => {
        const { name, version } = askedOf(call);
        const credential = credentialIn(call);
        const routes =
          name === ''
            ? dataPlane.callableRoutes(credential)
            : [dataPlane.admit({ credential, model: name }).route];
        return describeStatistics(
          routes.flatMap(route =>
            (version === ''
              ? route.versions
              : [findVersion(route, version)]
            ).map(of => ({ route, version: of })),
          ),
        );
      }),
      RepositoryIndex: unary(call => {
        const { ready = false } = call.request.message as { ready?: boolean };
        const routes = dataPlane.callableRoutes(credentialIn(call));
        return { models: listRepository(routes, { onlyReady: ready }) };
      }),
      RepositoryModelLoad: this.#changeMemory('load'),
      RepositoryModelUnload: this.#changeMemory('unload'),
      SystemSharedMemoryStatus: refused(SHARED_MEMORY),
      SystemSharedMemoryRegister: refused(SHARED_MEMORY),
      SystemSharedMemoryUnregister: refused(SHARED_MEMORY),
      CudaSharedMemoryStatus: refused(SHARED_MEMORY),
      CudaSharedMemoryRegister: refused(SHARED_MEMORY),
      CudaSharedMemoryUnregister: refused(SHARED_MEMORY),
      TraceSetting: refused(TRACE_SETTINGS),
      LogSettings: refused(LOG_SETTINGS),
      ModelInfer: this.#inferOnce,
      ModelStreamInfer: this.#streams.answer,
    };
  }

  #changeMemory(change: MemoryChange) {
    const { dataPlane } = this.#context;
    return unary(async call => {
      const credential = credentialIn(call);
      const { model, parameters } = readMemoryRequest(call.request.message);
      const caller = dataPlane.admission.recognise(credential);
      const ticket = dataPlane.admission.enter(caller, '(repository)', 'none');
      try {
        ticket.hold(call.request.bytes);
        refuseParameters(change, parameters);
        await changeMemory(dataPlane, { credential, model, change });
        return {};
      } finally {
        ticket.leave();
      }
    });
  }

  readonly #inferOnce: handleUnaryCall<Received, object> = (call, callback) => {
    const peer = peerOf(call);
    const { metadata } = call;
    const exchange = new GrpcInferExchange(
      this.#context,
      { metadata, peer, timeLeftMillis: timeLeftOf(call) },
      call.request,
    );
    exchange
      .answer(response => callback(null, response, exchange.metadata))
      .catch(error => callback(exchange.refusalOf(error)));
  };

  #find(call: ServerUnaryCall<Received, object>) {
    const { name, version } = askedOf(call);
    const credential = credentialIn(call);
    const { route } = this.#context.dataPlane.admit({
      credential,
      model: name,
    });
    const served = version === '' ? route.main : findVersion(route, version);
    if (served === undefined) throw notReady(route);
    return { route, served };
  }
}

/** gRPC says that no address was left, and not why. */
function notListening(address: string, port: number, cause: Error): Error {
  return new Error(
    `gRPC cannot listen at ${address}:${port} (${cause.message}): stop what listens there, or set GREENROOM_GRPC_PORT`,
    { cause },
  );
}

function askedOf(call: ServerUnaryCall<Received, object>) {
  return call.request.message as { name: string; version: string };
}

function credentialIn(call: ServerUnaryCall<Received, object>) {
  return credentialOf(headersOf(call.metadata));
}

function isLoaded(route: ServedRoute, version: string): boolean {
  try {
    findVersion(route, version);
    return true;
  } catch (error) {
    if (error instanceof InferenceError && error.kind === 'not-ready') {
      return false;
    }
    throw error;
  }
}
