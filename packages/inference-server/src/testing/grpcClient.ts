import {
  type ChannelCredentials,
  Client,
  credentials,
  Metadata,
  type ClientDuplexStream,
} from '@grpc/grpc-js';
import { dirname, join } from 'node:path';
import { Root, type Type } from 'protobufjs';

const PACKAGE = dirname(require.resolve('../../package.json'));
const SERVICE = 'inference.GRPCInferenceService';

/** Reads a protocol file of this package, as its author wrote it. */
export function readProtocol(file: string): Root {
  const root = new Root();
  root.resolvePath = (_, target) =>
    target.startsWith(PACKAGE) ? target : join(PACKAGE, 'proto', target);
  root.loadSync(join(PACKAGE, file), { keepCase: true });
  return root.resolveAll() as Root;
}

/** A client that knows nothing but a protocol file. */
export class GrpcTestClient {
  readonly #root: Root;
  readonly #client: Client;
  readonly #metadata = new Metadata();

  constructor(options: {
    root: Root;
    address: string;
    key: string;
    /** Of a connection that is encrypted. */
    tls?: ChannelCredentials;
  }) {
    const { root, address, key, tls } = options;
    this.#root = root;
    this.#client = new Client(address, tls ?? credentials.createInsecure(), {
      // A connection of its own.
      'grpc.use_local_subchannel_pool': 1,
    });
    this.#metadata.set('x-api-key', key);
  }

  /** As {@link call}, with what the server tells before its answer. */
  async callWithMetadata(
    name: string,
    request: object,
  ): Promise<{ answer: object; metadata: Record<string, unknown> }> {
    let metadata: Record<string, unknown> = {};
    const answer = await this.call(name, request, told => {
      metadata = told.getMap();
    });
    return { answer, metadata };
  }

  call(
    name: string,
    request: object,
    onMetadata: (metadata: Metadata) => void = () => {},
  ): Promise<object> {
    const { path, write, read } = this.#method(name);
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        path,
        write,
        read,
        request,
        this.#metadata,
        (error, answer) => (answer ? resolve(answer) : reject(error)),
      );
      // The library's callback tells trailing metadata as a status.
      call.on('metadata', onMetadata);
      call.on('status', ({ metadata }) => onMetadata(metadata));
    });
  }

  stream(): ClientDuplexStream<object, { infer_response: { id: string } }> {
    const { path, write, read } = this.#method('ModelStreamInfer');
    return this.#client.makeBidiStreamRequest(
      path,
      write,
      bytes => read(bytes) as { infer_response: { id: string } },
      this.#metadata,
    );
  }

  close(): void {
    this.#client.close();
  }

  #method(name: string) {
    const service = this.#root.lookupService(SERVICE);
    const { requestType, responseType } = service.methods[name];
    return {
      path: `/${SERVICE}/${name}`,
      write: writerOf(service.lookupType(requestType)),
      read: readerOf(service.lookupType(responseType)),
    };
  }
}

function writerOf(type: Type): (message: object) => Buffer {
  return message => Buffer.from(type.encode(type.fromObject(message)).finish());
}

function readerOf(type: Type): (bytes: Buffer) => object {
  return bytes =>
    type.toObject(type.decode(bytes), { longs: Number, defaults: true });
}
