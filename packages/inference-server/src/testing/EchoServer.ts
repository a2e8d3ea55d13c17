import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { readProtocol } from './grpcClient';

const LENGTH = 'inference-header-content-length';

interface Head {
  inputs: {
    name: string;
    datatype: string;
    shape: number[];
    data?: unknown[];
    parameters?: { binary_data_size?: number };
  }[];
}

/**
 * A server of the protocol whose models give their input `x` back as their output `y`: the bytes as they
 * came, without a look at them, by REST and by gRPC. It keeps what came.
 */
export class EchoServer {
  /** Values as they came as bytes, latest last. */
  readonly blobs: Buffer[] = [];
  readonly #http: HttpServer;
  readonly #grpc = new Server();
  #grpcPort = 0;

  /** @param extensions - that it names */
  constructor(extensions: readonly string[]) {
    const name = { name: 'echo', version: '1', extensions };
    this.#http = createServer(async (request, response) => {
      if (request.method === 'GET') {
        const answer = request.url === '/v2' ? name : { ready: true };
        response.end(JSON.stringify(answer));
        return;
      }
      const body = await buffer(request);
      const length = Number(request.headers[LENGTH] ?? body.length);
      const head: Head = JSON.parse(String(body.subarray(0, length)));
      const blobs = body.subarray(length);
      this.blobs.push(blobs);
      const outputs = head.inputs.map(input => ({ ...input, name: 'y' }));
      const json = Buffer.from(JSON.stringify({ model_name: 'echo', outputs }));
      response.setHeader(LENGTH, json.length);
      response.end(Buffer.concat([json, blobs]));
    });
    const root = readProtocol('proto/grpc_service.proto');
    const service = root.lookupService('inference.GRPCInferenceService');
    for (const method of ['ModelInfer', 'ModelReady']) {
      const asks = root.lookupType(`inference.${method}Request`);
      const answers = root.lookupType(`inference.${method}Response`);
      this.#grpc.addService(
        {
          [method]: {
            path: `/inference.${service.name}/${method}`,
            requestStream: false,
            responseStream: false,
            requestSerialize: (bytes: Buffer) => bytes,
            requestDeserialize: bytes => asks.toObject(asks.decode(bytes)),
            responseSerialize: (answer: object) =>
              Buffer.from(answers.encode(answers.create(answer)).finish()),
            responseDeserialize: bytes => bytes,
          },
        },
        {
          [method]: (
            { request }: { request: { [field: string]: any } },
            callback: (error: null, answer: object) => void,
          ) => {
            if (method === 'ModelReady') {
              callback(null, { ready: true });
              return;
            }
            const { inputs, raw_input_contents: raw } = request;
            this.blobs.push(Buffer.concat(raw));
            callback(null, {
              model_name: 'echo',
              outputs: inputs.map((input: object) => ({ ...input, name: 'y' })),
              raw_output_contents: raw,
            });
          },
        },
      );
    }
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get grpcUrl(): string {
    return `grpc://127.0.0.1:${this.#grpcPort}`;
  }

  async start(): Promise<void> {
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
    this.#grpcPort = await new Promise((resolve, reject) =>
      this.#grpc.bindAsync(
        '127.0.0.1:0',
        ServerCredentials.createInsecure(),
        (error, port) => (error ? reject(error) : resolve(port)),
      ),
    );
  }

  async stop(): Promise<void> {
    this.#grpc.forceShutdown();
    this.#http.closeAllConnections();
    await new Promise(resolve => {
      this.#http.close(resolve);
    });
  }
}
