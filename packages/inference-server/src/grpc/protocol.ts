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
import { FileDescriptorProto } from 'protobufjs/ext/descriptor';
import { InferenceError } from '../domain/InferenceError';
import { measureMessage } from './measureMessage';
import description from './protocol.json';

/** A smaller one cannot cost much. */
const MAX_UNMEASURED_BYTES = 32 * 1024;

/** The Open Inference Protocol with Triton's extensions, as gRPC knows it. */
export const INFERENCE_SERVICE = 'inference.GRPCInferenceService';
export const HEALTH_SERVICE = 'grpc.health.v1.Health';
/** Most clients know the newer one by now, and some the older one alone. */
export const REFLECTION_SERVICES = [
  'grpc.reflection.v1.ServerReflection',
  'grpc.reflection.v1alpha.ServerReflection',
];

// It looks for it in ways that a bundler does not see, and takes rough numbers without it.
util.Long = Long;
configure();

const root = Root.fromJSON(description as INamespace).resolveAll() as Root;

/** Reads and writes messages of the service. */
export function typeOf(name: string): Type {
  return root.lookupType(`inference.${name}`);
}

/** A message with how many bytes it had. */
export interface Received {
  message: object;
  bytes: number;
  /** Why the message was not read, and is an empty one. */
  refusal?: InferenceError;
}

/**
 * All methods of a service. A request comes with its size, which is held against what may be in
 * memory; an answer is a plain object, or bytes that are written already.
 *
 * @param maxValues - most values of a request; see {@link measureMessage}; any number when left out
 */
export function definitionOfService(
  name: string,
  maxValues = Infinity,
): ServiceDefinition {
  const service = root.lookupService(name);
  return Object.fromEntries(
    service.methodsArray.map(method => [
      method.name,
      definitionOf(name, method, maxValues),
    ]),
  );
}

function definitionOf(
  service: string,
  method: Method,
  maxValues: number,
): MethodDefinition<Received, object | Buffer> {
  const { parent } = method;
  const namespace = parent?.parent ?? root;
  const requestType = namespace.lookupType(method.requestType);
  const responseType = namespace.lookupType(method.responseType);
  return {
    path: `/${service}/${method.name}`,
    requestStream: method.requestStream ?? false,
    responseStream: method.responseStream ?? false,
    // Only servers are made of this.
    requestSerialize: () => Buffer.alloc(0),
    responseDeserialize: () => ({}),
    requestDeserialize: bytes => read(bytes, requestType, maxValues),
    responseSerialize: answer =>
      Buffer.isBuffer(answer)
        ? answer
        : asBuffer(
            responseType.encode(responseType.fromObject(answer)).finish(),
          ),
  };
}

function read(bytes: Buffer, type: Type, maxValues: number): Received {
  const { length } = bytes;
  try {
    if (length > MAX_UNMEASURED_BYTES) measureMessage(bytes, type, maxValues);
  } catch (error) {
    if (!(error instanceof InferenceError)) throw error;
    return { message: type.create(), bytes: length, refusal: error };
  }
  // Not made a plain object, which would take longer than reading it: fields that are not there have their defaults.
  return { message: type.decode(bytes), bytes: length };
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** A file of the protocols, as compilers describe it to each other: all that is of one package. */
export interface DescribedFile {
  name: string;
  /** Full names of its services, methods, messages, fields, enumerations and their values. */
  symbols: ReadonlySet<string>;
  /** `google.protobuf.FileDescriptorProto`. */
  bytes: Uint8Array;
}

/** The protocols' files. None needs another one. */
export function describeFiles(): DescribedFile[] {
  const { file } = root.toDescriptor('proto3') as unknown as {
    file: FileMessage[];
  };
  return file.map(one => ({
    name: one.name,
    symbols: new Set([
      ...one.service.flatMap(service =>
        namesIn(one.package, service, [service.method]),
      ),
      ...one.messageType.flatMap(type => namesOfMessage(one.package, type)),
      ...one.enumType.flatMap(type => namesOfEnum(one.package, type)),
    ]),
    bytes: FileDescriptorProto.encode(one).finish(),
  }));
}

interface Named {
  name: string;
}

interface EnumMessage extends Named {
  value: Named[];
}

interface TypeMessage extends Named {
  field: Named[];
  oneofDecl: Named[];
  nestedType: TypeMessage[];
  enumType: EnumMessage[];
}

interface FileMessage extends Named {
  package: string;
  messageType: TypeMessage[];
  enumType: EnumMessage[];
  service: (Named & { method: Named[] })[];
}

function namesIn(scope: string, { name }: Named, parts: Named[][]): string[] {
  const full = `${scope}.${name}`;
  return [full, ...parts.flat().map(part => `${full}.${part.name}`)];
}

/** The values of an enumeration are named beside it, as in C. */
function namesOfEnum(scope: string, { name, value }: EnumMessage): string[] {
  return [`${scope}.${name}`, ...value.map(one => `${scope}.${one.name}`)];
}

function namesOfMessage(scope: string, type: TypeMessage): string[] {
  const full = `${scope}.${type.name}`;
  return [
    ...namesIn(scope, type, [type.field, type.oneofDecl]),
    ...type.nestedType.flatMap(nested => namesOfMessage(full, nested)),
    ...type.enumType.flatMap(nested => namesOfEnum(full, nested)),
  ];
}
