import { InputError } from '@backstage/errors';
import { posix } from 'node:path';

/** What clients may send, as MLflow has it; lengths in characters. */
export const LIMITS = {
  key: 250,
  paramValue: 6_000,
  runTagValue: 8_000,
  experimentName: 500,
  experimentTagValue: 20_000,
  artifactLocation: 2_048,
  runName: 250,
  userId: 256,
  modelName: 500,
  modelType: 500,
  batchMetrics: 1_000,
  batchParams: 100,
  batchTags: 100,
  batchTotal: 1_000,
  batchDatasets: 1_000,
  datasetName: 500,
  datasetDigest: 36,
  datasetSourceType: 36,
  datasetSchema: 1_048_575,
  datasetSource: 65_535,
  datasetProfile: 16_777_215,
  inputTagKey: 255,
  inputTagValue: 500,
} as const;

/** Letters and digits of all scripts, as in Python's regular expressions. */
const NAME = /^[/\p{L}\p{N}_.\- :]*$/u;

const BAD_CHARACTERS =
  'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).';

/**
 * A key of a metric, a param or a tag: it may be the name of a file for some clients.
 *
 * @param path - where it is in the request, such as `metrics[0].name`
 * @param what - as the message calls it where it is too long
 * @throws InputError that names the path
 */
export function checkKey(key: string, path: string, what = path): string {
  if (!NAME.test(key)) throw invalidValue(path, key, BAD_CHARACTERS);
  const normal = normalize(key);
  if (normal !== key || normal === '.' || /^(?:\.\.|\/)/.test(normal)) {
    throw invalidValue(
      path,
      key,
      `Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${normal}'`,
    );
  }
  return checkLength(key, LIMITS.key, what);
}

/** @throws InputError that says what is too long */
export function checkLength(text: string, limit: number, what: string): string {
  if (!isLonger(text, limit)) return text;
  throw new InputError(
    `'${what}' exceeds the maximum length of ${limit} characters`,
  );
}

/** What is longer loses its end, as MLflow's own server has it with values. */
export function truncate(text: string, limit: number): string {
  return isLonger(text, limit) ? [...text].slice(0, limit).join('') : text;
}

/** Clients count code points; the units of a JavaScript text are never fewer. */
function isLonger(text: string, limit: number): boolean {
  return text.length > limit && [...text].length > limit;
}

/** As Python's `posixpath` does it. */
function normalize(name: string): string {
  const normal = posix.normalize(name);
  return normal.length > 1 && normal.endsWith('/')
    ? normal.slice(0, -1)
    : normal;
}

export function invalidValue(
  path: string,
  value: unknown,
  reason: string,
): InputError {
  return new InputError(
    `Invalid value ${JSON.stringify(
      value,
    )} for parameter '${path}' supplied: ${reason}`,
  );
}
