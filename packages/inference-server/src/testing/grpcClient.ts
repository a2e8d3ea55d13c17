import {
  credentials,
  makeGenericClientConstructor,
  Metadata,
  type Client,
  type ClientDuplexStream,
  type ServiceDefinition,
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
  readonly #client: Client;
  readonly #metadata = new Metadata();

  constructor(options: { root: Root; address: string; key: string }) {
    const { root, address, key } = options;
    const service = root.lookupService(SERVICE);
    const definition: ServiceDefinition = Object.fromEntries(
      service.methodsArray.map(method => [
        method.name,
        {
          path: `/${SERVICE}/${method.name}`,
          requestStream: method.requestStream ?? false,
          responseStream: method.responseStream ?? false,
          ...codecOf(service.lookupType(method.requestType), 'request'),
          ...codecOf(service.lookupType(method.responseType), 'response'),
        },
      ]),
    ) as unknown as ServiceDefinition;
    const Constructor = makeGenericClientConstructor(definition, SERVICE);
    this.#client = new Constructor(address, credentials.createInsecure());
    this.#metadata.set('x-api-key', key);
  }

  call(method: string, request: object): Promise<any> {
    return new Promise((resolve, reject) =>
      (this.#client as any)[method](
        request,
        this.#metadata,
        (error: Error | null, answer: object) =>
          error ? reject(error) : resolve(answer),
      ),
    );
  }

  stream(): ClientDuplexStream<object, any> {
    return (this.#client as any).ModelStreamInfer(this.#metadata);
  }

  close(): void {
    this.#client.close();
  }
}

function codecOf(type: Type, of: 'request' | 'response'): object {
  return {
    [`${of}Serialize`]: (message: object) =>
      Buffer.from(type.encode(type.fromObject(message)).finish()),
    [`${of}Deserialize`]: (bytes: Buffer) =>
      type.toObject(type.decode(bytes), { longs: Number, defaults: true }),
  };
}
