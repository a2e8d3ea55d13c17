import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { InferenceError } from '../../domain/InferenceError';
import { InvalidFieldError } from '../../language/InvalidFieldError';
import type { LanguageTask, LanguageTasks } from '../../domain/LanguageModel';
import { measureJson } from '../openInference/measureJson';
import { listOf } from './listOf';

const MAX_MESSAGES = 10_000;
/** More than the 300,000 tokens that services embed at a time; texts are one value each. */
const MAX_VALUES = 500_000;

/** Fields that all requests have; what else is in them is for the provider to judge. */
const common = {
  model: z.string('expected the name of a model').min(1, 'is empty'),
  stream: z.boolean().nullish(),
  user: z.string().nullish(),
};

/** Checked by hand: a schema for each of many thousand tokens takes seconds. */
const isText = (value: unknown) => typeof value === 'string';
const isToken = (value: unknown) => typeof value === 'number';
const isTokens = (value: unknown) =>
  Array.isArray(value) && value.every(isToken);

function isPrompt(value: unknown): boolean {
  if (!Array.isArray(value)) return isText(value);
  return value.every(one => isText(one) || isToken(one) || isTokens(one));
}

function isInput(value: unknown): boolean {
  if (!Array.isArray(value)) return isText(value) && value !== '';
  return (
    value.length > 0 && [isText, isToken, isTokens].some(is => value.every(is))
  );
}

const SCHEMAS: { [T in LanguageTask]: z.ZodType } = {
  chat: z.looseObject({
    ...common,
    messages: listOf(
      z.looseObject({
        role: z.enum(
          ['system', 'developer', 'user', 'assistant', 'tool', 'function'],
          'expected system, developer, user, assistant or tool',
        ),
        content: z
          .union(
            [
              z.string(),
              listOf(z.looseObject({ type: z.string() }), {
                expected: 'expected a list of parts',
              }),
            ],
            'expected a text or a list of parts',
          )
          .nullish(),
      }),
      {
        expected: 'expected a list of messages',
        min: 1,
        max: MAX_MESSAGES,
      },
    ),
  }),
  completions: z.looseObject({
    ...common,
    prompt: z.custom(isPrompt, 'expected a text, a list of texts, or tokens'),
  }),
  embeddings: z.looseObject({
    ...common,
    input: z.custom(
      isInput,
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

/**
 * @param maxValues - most values of the JSON, an array or object counting as several
 * @throws InferenceError `invalid` when the body is no JSON object, `too-large` when it has too
 *   many values
 */
export function parseObject(body: Buffer, maxValues = MAX_VALUES): object {
  if (!isUtf8(body)) {
    throw new InferenceError(
      'invalid',
      'the body is no UTF-8, which JSON is written in',
    );
  }
  measureJson(body, body.length, maxValues, 'send less in one request');
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
