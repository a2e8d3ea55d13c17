import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import Long from 'long';
import {
  configure,
  Root,
  util,
  type INamespace,
  type Method,
  type Type,
} from 'protobufjs';
import description from './protocol.json';

/** The Open Inference Protocol with Triton's extensions, as gRPC knows it. */
const SERVICE = 'inference.GRPCInferenceService';

/** 64-bit integers as they come; the readers of messages say what is to become of them. */
const READ = { defaults: true, arrays: true, objects: true, oneofs: true };

// It looks for it in ways that a bundler does not see, and takes rough numbers without it.
util.Long = Long;
configure();

const root = Root.fromJSON(description as INamespace).resolveAll();

/** Reads and writes messages of the service. */
export function typeOf(name: string): Type {
  return root.lookupType(`inference.${name}`);
}

/** A message with how many bytes it had. */
export interface Received {
  message: object;
  bytes: number;
}

/**
 * All methods of the service. A request comes with its size, which is held against what may be in
 * memory; an answer is a plain object, or bytes that are written already.
 */
export const SERVICE_DEFINITION: ServiceDefinition = Object.fromEntries(
  root
    .lookupService(SERVICE)
    .methodsArray.map(method => [method.name, definitionOf(method)]),
);

function definitionOf(
  method: Method,
): MethodDefinition<Received, object | Buffer> {
  const requestType = root.lookupType(`inference.${method.requestType}`);
  const responseType = root.lookupType(`inference.${method.responseType}`);
  return {
    path: `/${SERVICE}/${method.name}`,
    requestStream: method.requestStream ?? false,
    responseStream: method.responseStream ?? false,
    // Only servers are made of this.
    requestSerialize: () => Buffer.alloc(0),
    responseDeserialize: () => ({}),
    requestDeserialize: bytes => ({
      message: requestType.toObject(requestType.decode(bytes), READ),
      bytes: bytes.length,
    }),
    responseSerialize: answer =>
      Buffer.isBuffer(answer)
        ? answer
        : Buffer.from(
            responseType.encode(responseType.fromObject(answer)).finish(),
          ),
  };
}
