import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import {
  describeFiles,
  HEALTH_SERVICE,
  INFERENCE_SERVICE,
  REFLECTION_SERVICES,
  type DescribedFile,
  type Received,
} from './protocol';

/** Exactly one of these is set, and named by `message_request`. */
interface ReflectionRequest {
  host: string;
  message_request?: string;
  file_by_filename?: string;
  file_containing_symbol?: string;
  file_containing_extension?: { containing_type: string };
  all_extension_numbers_of_type?: string;
}

/**
 * Answers what a client that has no protocol files asks about them, as gRPC's server reflection
 * has it (https://github.com/grpc/grpc/blob/master/doc/server-reflection.md).
 */
export function createReflection(): (
  call: ServerDuplexStream<Received, object>,
) => void {
  let files: DescribedFile[] | undefined;
  return call => {
    files ??= describeFiles();
    const known = files;
    call.on('data', ({ message }: Received) => {
      const request = message as ReflectionRequest;
      const goesOut = call.write({
        valid_host: request.host,
        original_request: request,
        ...answerReflection(known, request),
      });
      // An answer is a hundred times as long as its question, and anybody may ask.
      if (!goesOut) call.pause();
    });
    call.on('drain', () => call.resume());
    call.on('end', () => call.end());
    call.on('error', () => {});
  };
}

export function answerReflection(
  files: readonly DescribedFile[],
  request: ReflectionRequest,
): object {
  switch (request.message_request) {
    case 'list_services': {
      const names = [INFERENCE_SERVICE, HEALTH_SERVICE, ...REFLECTION_SERVICES];
      const service = names.map(name => ({ name }));
      return { list_services_response: { service } };
    }
    case 'file_by_filename': {
      const name = request.file_by_filename ?? '';
      return describe(
        files.find(file => file.name === name),
        `there is no file "${name}"`,
      );
    }
    case 'file_containing_symbol': {
      const name = request.file_containing_symbol ?? '';
      return describe(
        files.find(file => file.symbols.has(name)),
        `nothing is named "${name}"`,
      );
    }
    case 'file_containing_extension': {
      const type = request.file_containing_extension?.containing_type ?? '';
      return describe(undefined, `"${type}" has no extensions`);
    }
    case 'all_extension_numbers_of_type': {
      const name = request.all_extension_numbers_of_type ?? '';
      return files.some(file => file.symbols.has(name))
        ? { all_extension_numbers_response: { base_type_name: name } }
        : describe(undefined, `nothing is named "${name}"`);
    }
    default:
      return refuse(
        status.INVALID_ARGUMENT,
        'message_request is not set: expected one of list_services, file_by_filename, file_containing_symbol',
      );
  }
}

function describe(file: DescribedFile | undefined, otherwise: string): object {
  return file
    ? { file_descriptor_response: { file_descriptor_proto: [file.bytes] } }
    : refuse(status.NOT_FOUND, otherwise);
}

function refuse(code: status, message: string): object {
  return { error_response: { error_code: code, error_message: message } };
}
