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

  call(name: string, request: object): Promise<object> {
    const { path, write, read } = this.#method(name);
    return new Promise((resolve, reject) =>
      this.#client.makeUnaryRequest(
        path,
        write,
        read,
        request,
        this.#metadata,
        (error, answer) => (answer ? resolve(answer) : reject(error)),
      ),
    );
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
