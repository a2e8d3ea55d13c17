import { InputError } from '@backstage/errors';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** A file can have thousands of faults; who reads of them mends a few at a time. */
const MAX_SENTENCES = 20;

/**
 * Holds a value against a schema.
 *
 * @throws InputError that names each field below `where` and what was expected there, or the first
 *   of many
 */
export function checkAgainst<T>(
  schema: z.ZodType<T>,
  value: unknown,
  where: string,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const sentences = result.error.issues
    .flatMap(issue => explain(issue, []))
    .map(sentence => `${where}: ${sentence}`);
  const more = sentences.length - MAX_SENTENCES;
  throw new InputError(
    [
      ...sentences.slice(0, MAX_SENTENCES),
      ...(more > 0 ? [`and ${more} more`] : []),
    ].join('; '),
  );
}

function explain(issue: Issue, above: PropertyKey[]): string[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      key =>
        `${[...path, key].join(
          '.',
        )}: there is no such field: correct its name, or leave it out`,
    );
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return closest(issue.errors).flatMap(inner => explain(inner, path));
  }
  const field = path.join('.');
  return [`${field && `${field}: `}${issue.message}`];
}

/** Of several shapes that a value does not have, the one that it is least far from. */
function closest(shapes: Issue[][]): Issue[] {
  const distance = (issues: Issue[]) =>
    issues.reduce(
      (sum, issue) =>
        sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1),
      0,
    );
  return shapes.reduce((best, one) =>
    distance(one) < distance(best) ? one : best,
  );
}
