import { z } from 'zod';

/** Name of the file of a bundle of the format `external` that says all about the version. */
export const DESCRIPTOR_FILE = 'external.json';
/** A system prompt may be long; a book is none. */
const MAX_PROMPT_CHARACTERS = 100_000;

const message = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.string().max(MAX_PROMPT_CHARACTERS),
});

/** What a version of an external model is: the file that its digest pins. */
export const descriptorSchema = z.strictObject({
  formatVersion: z.literal(1),
  /** Logical name of a connection, which each environment maps to a real one. */
  connection: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected the name of a connection'),
  /** As the provider calls it: a model, a deployment, an endpoint. */
  model: z.string().min(1).max(200),
  tasks: z
    .array(z.enum(['chat', 'completions', 'embeddings']))
    .min(1)
    .max(3),
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

/** @throws Error that names the field and what was expected there */
export function parseDescriptor(text: string): ExternalDescriptor {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${DESCRIPTOR_FILE}: expected JSON`);
  }
  const result = descriptorSchema.safeParse(value);
  if (!result.success) {
    const [{ path, message: expected }] = result.error.issues;
    throw new Error(`${DESCRIPTOR_FILE}: ${path.join('.')}: ${expected}`);
  }
  const own = CALLERS_OWN.find(name =>
    Object.hasOwn(result.data.parameters, name),
  );
  if (own !== undefined) {
    throw new Error(
      `${DESCRIPTOR_FILE}: parameters.${own}: expected a parameter with a default; callers say this one`,
    );
  }
  return result.data;
}
