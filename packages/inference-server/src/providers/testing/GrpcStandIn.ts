import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type handleUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { INFERENCE_SERVICE, typeOf } from '../../grpc/protocol';
import { StandIn, type Script } from './StandIn';

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
const METHODS = ['ModelInfer', 'ModelReady', 'ServerMetadata'] as const;
const STATUS: Record<number, status> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  501: status.UNIMPLEMENTED,
  503: status.UNAVAILABLE,
};
const VALUES: Record<string, string> = {
  INT64: 'int64_contents',
  FP32: 'fp32_contents',
  BYTES: 'bytes_contents',
};

const asItIs = (bytes: Buffer) => bytes;

const definition: ServiceDefinition = Object.fromEntries(
  METHODS.map(name => [
    name,
    {
      path: `/${INFERENCE_SERVICE}/${name}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: asItIs,
      requestDeserialize: asItIs,
      responseSerialize: asItIs,
      responseDeserialize: asItIs,
    },
  ]),
);

/**
 * A gRPC server whose answers a script gives as of HTTP: requests come to it as JSON, and its JSON
 * goes out as messages; what is no answer of the protocol goes out as bytes that are no message.
 */
export class GrpcStandIn extends StandIn {
  readonly #server = new Server({ 'grpc.max_receive_message_length': -1 });
  #port = 0;

  constructor(script: Script) {
    super(script);
    this.#server.addService(
      definition,
      Object.fromEntries(METHODS.map(name => [name, this.#answer(name)])),
    );
  }

  get url(): string {
    return `grpc://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    await super.start();
    this.#port = await new Promise((resolve, reject) =>
      this.#server.bindAsync(
        '127.0.0.1:0',
        ServerCredentials.createInsecure(),
        (error, port) => (error ? reject(error) : resolve(port)),
      ),
    );
  }

  async stop(): Promise<void> {
    this.#server.forceShutdown();
    await super.stop();
  }

  #answer(method: (typeof METHODS)[number]): handleUnaryCall<Buffer, Buffer> {
    return (call, callback) => {
      const abort = new AbortController();
      call.on('cancelled', () => abort.abort());
      const type = typeOf(`${method}Request`);
      const message = type.toObject(type.decode(call.request), {
        defaults: true,
        arrays: true,
      });
      const { authorization = '' } = call.metadata.getMap();
      fetch(`${super.url}/${method}`, {
        method: 'POST',
        headers: { authorization: String(authorization) },
        body: JSON.stringify(
          method === 'ModelInfer' ? jsonOf(message) : message,
        ),
        signal: abort.signal,
      })
        .then(async response => {
          const text = await response.text();
          if (response.status === 200) {
            callback(null, messageOf(method, text));
            return;
          }
          callback({
            code: STATUS[response.status] ?? status.UNKNOWN,
            details: JSON.parse(text).error,
            metadata: new Metadata(),
          });
        })
        .catch(error =>
          callback({ code: status.UNKNOWN, details: String(error) }),
        );
    };
  }
}

/** A request with its raw values as JSON, of the two datatypes that the stand-ins know. */
function jsonOf(message: { [field: string]: any }): object {
  const { model_name: name, model_version: version, inputs } = message;
  return {
    model: version ? `${name}/${version}` : name,
    inputs: inputs.map(
      (input: { [field: string]: any }, index: number): object => {
        const raw = new Uint8Array(message.raw_input_contents[index]);
        const data =
          input.datatype === 'INT64'
            ? Array.from(new BigInt64Array(raw.buffer), value =>
                rawJSON(String(value)),
              )
            : [...new Float32Array(raw.buffer)];
        return { ...input, shape: input.shape.map(Number), data };
      },
    ),
  };
}

function messageOf(method: string, text: string): Buffer {
  try {
    const answer = JSON.parse(text, (_key, value, context?: any) =>
      /^-?\d{16,}$/.test(context?.source ?? '') ? context.source : value,
    );
    if (method === 'ModelInfer') {
      for (const output of answer.outputs) {
        const { datatype, data } = output;
        const values =
          datatype === 'BYTES'
            ? data.map((value: string) => Buffer.from(value))
            : data;
        if (values.some((one: unknown) => Array.isArray(one))) throw Error();
        if (datatype === 'INT64') values.map(BigInt);
        output.contents = { [VALUES[datatype]]: values };
      }
    }
    const type = typeOf(`${method}Response`);
    return Buffer.from(type.encode(type.fromObject(answer)).finish());
  } catch {
    return Buffer.from(text);
  }
}
