import type { OutcomeRecord } from '@greenroom/plugin-ai-inference-common';
import { z } from 'zod';
import { isRequestId } from '../domain/requestId';
import { InferenceError } from '../domain/InferenceError';

/** Most outcomes of one request. */
export const MAX_ITEMS = 1_000;
/** How far an outcome may lie ahead of this server's clock. */
const MAX_AHEAD_MILLIS = 5 * 60 * 1_000;
const MAX_TEXT_CHARACTERS = 200;
/** Beyond, sums of squares are not what they should be. */
const LARGEST = 1e15;

const expectedNumber = `expected a number from -${LARGEST} to ${LARGEST}`;
const number = z
  .number(expectedNumber)
  .min(-LARGEST, expectedNumber)
  .max(LARGEST, expectedNumber);

const expectedValue = `expected a number, true, false, or a text of 1 to ${MAX_TEXT_CHARACTERS} characters`;

const expectedId =
  'expected the X-Request-Id of an answer: 1 to 128 printable characters, without spaces around them';

const item = z.strictObject({
  request_id: z.string(expectedId).refine(isRequestId, expectedId),
  model: z
    .string('expected the name of the model that answered')
    .min(1, 'expected the name of the model that answered'),
  name: z
    .string('expected what the outcome is called, such as bought')
    .regex(
      /^[a-z][a-z0-9-]{0,62}$/,
      'expected at most 63 lower-case letters, digits and hyphens, the first a letter',
    ),
  value: z.union(
    [number, z.boolean(), z.string().min(1).max(MAX_TEXT_CHARACTERS)],
    expectedValue,
  ),
  at: z.iso
    .datetime({
      offset: true,
      error:
        'expected a time with its zone, such as 2026-01-31T12:00:00Z; left out for now',
    })
    .optional(),
  covariate: number.optional(),
});

const expectedItems = `expected a list of 1 to ${MAX_ITEMS} outcomes`;

/** Either form is looked at by itself, so that an error names the field that the caller wrote. */
const items = z.strictObject({
  items: z
    .array(z.unknown(), expectedItems)
    .min(1, expectedItems)
    .max(MAX_ITEMS, expectedItems),
});

/** Whom an outcome may be told for. */
export interface FeedbackRules {
  /** The model's own name, where it is asked for by another one. */
  nameOf(model: string): string;
  /** @throws InferenceError when the caller may not call the model, there is none, or it takes no outcomes */
  check(model: string): void;
  nowMillis: number;
}

/**
 * Reads outcomes: one, or several as `{"items": [...]}`. All of them are good, or none is taken.
 *
 * @throws InferenceError that names the outcome and the field
 */
export function readFeedback(
  body: object,
  rules: FeedbackRules,
): OutcomeRecord[] {
  if (!('items' in body)) return [readItem(body, '', rules)];
  const list = items.safeParse(body);
  if (!list.success) throw invalid(list.error, '');
  return list.data.items.map((each, index) =>
    readItem(each, `items[${index}].`, rules),
  );
}

function readItem(
  value: unknown,
  where: string,
  { nameOf, check, nowMillis }: FeedbackRules,
): OutcomeRecord {
  const result = item.safeParse(value);
  if (!result.success) throw invalid(result.error, where);
  const {
    request_id: requestId,
    model: asked,
    name,
    at,
    ...rest
  } = result.data;
  const model = nameOf(asked);
  try {
    check(model);
  } catch (error) {
    if (!(error instanceof InferenceError)) throw error;
    throw new InferenceError(error.kind, `${where}model: ${error.message}`);
  }
  const atMillis = at === undefined ? nowMillis : Date.parse(at);
  if (atMillis > nowMillis + MAX_AHEAD_MILLIS) {
    throw new InferenceError(
      'invalid',
      `${where}at: expected a time that has come; by this server's clock it is ${new Date(
        nowMillis,
      ).toISOString()}`,
    );
  }
  return { requestId, model, name, at: atMillis, ...rest };
}

/** Names the field, without what was in it. */
function invalid(error: z.ZodError, where: string): InferenceError {
  const [issue] = error.issues;
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    return new InferenceError(
      'invalid',
      `${where}${key}: unknown; expected request_id, model, name, value, and at and covariate where there are any`,
    );
  }
  const field = issue.path.map(String).join('.');
  const place = `${where}${field}`.replace(/\.$/, '');
  const message =
    field === '' && where !== '' ? 'expected an object' : issue.message;
  return new InferenceError('invalid', `${place}: ${message}`);
}
