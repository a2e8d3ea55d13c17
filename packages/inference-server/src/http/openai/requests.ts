import { z } from 'zod';
import { InferenceError } from '../../domain/InferenceError';
import { InvalidFieldError } from '../../language/InvalidFieldError';
import type { LanguageTask, LanguageTasks } from '../../domain/LanguageModel';

const MAX_MESSAGES = 10_000;

/** Fields that all requests have; what else is in them is for the provider to judge. */
const common = {
  model: z.string('expected the name of a model').min(1, 'is empty'),
  stream: z.boolean().nullish(),
  user: z.string().nullish(),
};

const SCHEMAS: { [T in LanguageTask]: z.ZodType } = {
  chat: z.looseObject({
    ...common,
    messages: z
      .array(
        z.looseObject({
          role: z.enum(
            ['system', 'developer', 'user', 'assistant', 'tool', 'function'],
            'expected system, developer, user, assistant or tool',
          ),
          content: z
            .union(
              [z.string(), z.array(z.looseObject({ type: z.string() }))],
              'expected a text or a list of parts',
            )
            .nullish(),
        }),
        'expected a list of messages',
      )
      .min(1, 'expected at least one message')
      .max(MAX_MESSAGES),
  }),
  completions: z.looseObject({
    ...common,
    prompt: z.union(
      [
        z.string(),
        z.array(z.union([z.string(), z.number(), z.array(z.number())])),
      ],
      'expected a text, a list of texts, or tokens',
    ),
  }),
  embeddings: z.looseObject({
    ...common,
    input: z.union(
      [
        z.string().min(1, 'is empty'),
        z.array(z.string()).min(1),
        z.array(z.number()).min(1),
        z.array(z.array(z.number())).min(1),
      ],
      'expected a text, a list of texts, or tokens; not empty',
    ),
  }),
};

/**
 * Reads the body of a request.
 *
 * @throws InvalidFieldError, or InferenceError `invalid` when it is no JSON object
 */
export function parseRequest<T extends LanguageTask>(
  task: T,
  body: Buffer,
): LanguageTasks[T]['request'] {
  const schema: z.ZodType = SCHEMAS[task];
  const result = schema.safeParse(parseObject(body));
  if (!result.success) {
    const [{ path, message }] = result.error.issues;
    throw new InvalidFieldError(path.map(String).join('.'), message);
  }
  return result.data as LanguageTasks[T]['request'];
}

/** @throws InferenceError `invalid` when the body is no JSON object */
export function parseObject(body: Buffer): object {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new InferenceError('invalid', 'the body is not valid JSON', error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InferenceError('invalid', 'expected a JSON object');
  }
  return value;
}

/** `name` or `name@version`: a version that is named answers whatever its weight is. */
export function splitModel(model: string): {
  model: string;
  version: string | undefined;
} {
  const at = model.lastIndexOf('@');
  return at === -1
    ? { model, version: undefined }
    : { model: model.slice(0, at), version: model.slice(at + 1) };
}
