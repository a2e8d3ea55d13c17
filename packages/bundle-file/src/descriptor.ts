import { z } from 'zod';
import { BundleError, type Bundle, type BundleFile } from './bundle';

/** Name of the file of a bundle of the format `external` that says all about the version. */
export const DESCRIPTOR_FILE = 'external.json';
/** Largest descriptor that is taken, in bytes. */
export const MAX_DESCRIPTOR_BYTES = 8 * 1024 * 1024;
/** A system prompt may be long; a book is none. */
const MAX_PROMPT_CHARACTERS = 100_000;

const message = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.string().max(MAX_PROMPT_CHARACTERS),
});

/** Names of connections: an environment maps each to a real one. */
export const CONNECTION_NAME_PATTERN = /^[a-z][a-z0-9-]{0,62}$/;

/** What an external model can be asked for. */
export const EXTERNAL_TASKS = ['chat', 'completions', 'embeddings'] as const;

/** How an endpoint takes tensors: as the Open Inference Protocol has them, or row by row as Vertex AI and TensorFlow Serving. */
export const TENSOR_PROTOCOLS = ['open-inference', 'instances'] as const;

/** Datatypes that go out as bytes alone: JSON has no form for them. */
const BINARY_DATATYPES: readonly string[] = ['FP16', 'BF16'];

/** Datatypes of tensors that others compute. */
export const REMOTE_DATATYPES = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'BF16',
  'FP32',
  'FP64',
  'BYTES',
] as const;

const MAX_TENSORS = 100;
const MAX_DIMENSIONS = 16;

const tensor = z.strictObject({
  name: z.string().min(1).max(200),
  datatype: z.enum(REMOTE_DATATYPES),
  /** Size of each dimension; `-1` for a free one. */
  shape: z.array(z.int().min(-1)).max(MAX_DIMENSIONS),
});

const tensors = z
  .array(tensor)
  .min(1)
  .max(MAX_TENSORS)
  .refine(
    list => new Set(list.map(({ name }) => name)).size === list.length,
    'expected each name once',
  );

const tensorInterface = z.strictObject({
  protocol: z.enum(TENSOR_PROTOCOLS),
  signature: z.strictObject({ inputs: tensors, outputs: tensors }),
});

/** What a version of an external model is: the file that its digest pins. */
export const descriptorSchema = z.strictObject({
  formatVersion: z.literal(1),
  /** Logical name of a connection, which each environment maps to a real one. */
  connection: z
    .string()
    .regex(
      CONNECTION_NAME_PATTERN,
      'expected the name of a connection: lower-case letters, digits and dashes, beginning with a letter',
    ),
  /** As the provider calls it: a model, a deployment, an endpoint. */
  model: z.string().min(1).max(200),
  /** What it does with texts; empty for a model of tensors. */
  tasks: z.array(z.enum(EXTERNAL_TASKS)).max(EXTERNAL_TASKS.length).default([]),
  /** What it takes and gives, for an endpoint that takes tensors. */
  tensors: tensorInterface.optional(),
  /** Parameters of requests that do not give them, as OpenAI's API names them. */
  parameters: z.record(z.string().max(64), z.json()).default({}),
  /** Messages that come before those of the caller. */
  messages: z.array(message).max(50).default([]),
});

export type ExternalDescriptor = z.infer<typeof descriptorSchema>;

/** Fields of a request that callers decide on alone. */
const CALLERS_OWN = [
  'model',
  'messages',
  'prompt',
  'input',
  'stream',
  'stream_options',
];

/** @throws BundleError that names the field and what was expected there */
export function parseDescriptor(text: string): ExternalDescriptor {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BundleError(`${DESCRIPTOR_FILE}: expected JSON`);
  }
  const result = descriptorSchema.safeParse(value);
  if (!result.success) {
    const [{ path, message: expected }] = result.error.issues;
    const field = path.length > 0 ? `${path.join('.')}: ` : '';
    throw new BundleError(`${DESCRIPTOR_FILE}: ${field}${expected}`);
  }
  const odd = findOdd(result.data);
  if (odd !== undefined) {
    throw new BundleError(`${DESCRIPTOR_FILE}: ${odd}`);
  }
  const own = CALLERS_OWN.find(name =>
    Object.hasOwn(result.data.parameters, name),
  );
  if (own !== undefined) {
    throw new BundleError(
      `${DESCRIPTOR_FILE}: parameters.${own}: expected a parameter with a default; callers say this one`,
    );
  }
  return result.data;
}

/** What does not go together. */
function findOdd({
  tasks,
  tensors: taken,
  messages,
}: ExternalDescriptor): string | undefined {
  if (!taken) {
    return tasks.length === 0
      ? 'tasks: expected at least one, or tensors'
      : undefined;
  }
  if (tasks.length > 0) {
    return 'tensors: expected no tasks beside them: a version takes texts or tensors';
  }
  if (messages.length > 0) {
    return 'messages: expected none beside tensors';
  }
  if (taken.protocol !== 'instances') return undefined;
  for (const side of ['inputs', 'outputs'] as const) {
    const half = taken.signature[side].findIndex(({ datatype }) =>
      BINARY_DATATYPES.includes(datatype),
    );
    if (half >= 0) {
      return `tensors.signature.${side}.${half}.datatype: expected another one than ${taken.signature[side][half].datatype}: the protocol 'instances' is JSON, which has no form for it`;
    }
    const fixed = taken.signature[side].findIndex(
      ({ shape }) => shape[0] !== -1,
    );
    if (fixed >= 0) {
      return `tensors.signature.${side}.${fixed}.shape: expected -1 as its first dimension: the protocol 'instances' sends rows`;
    }
  }
  return undefined;
}

/**
 * The descriptor among the files of a bundle of format `external`, which is its only file.
 *
 * @throws BundleError when there is another, or none
 */
export function descriptorFileOf({ files }: Bundle): BundleFile {
  const [file, another] = files;
  if (another || file?.path !== DESCRIPTOR_FILE) {
    const odd = files.find(({ path }) => path !== DESCRIPTOR_FILE);
    throw new BundleError(
      `A bundle of format external is exactly the file ${DESCRIPTOR_FILE}${
        odd ? `: take out '${odd.path}'` : ''
      }`,
    );
  }
  if (file.sizeBytes > MAX_DESCRIPTOR_BYTES) {
    throw new BundleError(
      `File '${DESCRIPTOR_FILE}' has ${file.sizeBytes} bytes, more than the ${MAX_DESCRIPTOR_BYTES} that are taken`,
    );
  }
  return file;
}
