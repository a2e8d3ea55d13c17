import type { z } from 'zod';
import { ManifestError, type ManifestFault } from './ManifestError';

type Issue = z.core.$ZodIssue;

/**
 * Holds a value against a schema.
 *
 * @throws ManifestError that names each field below `where` and what was expected there
 */
export function checkAgainst<T>(
  schema: z.ZodType<T>,
  value: unknown,
  where: string,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ManifestError(
    where,
    result.error.issues.flatMap(issue => explain(issue, [])),
  );
}

function explain(issue: Issue, above: PropertyKey[]): ManifestFault[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => ({
      field: [...path, key],
      message: `${[...path, key].join(
        '.',
      )}: there is no such field: correct its name, or leave it out`,
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return closest(issue.errors).flatMap(inner => explain(inner, path));
  }
  const name = path.join('.');
  return [{ field: path, message: `${name && `${name}: `}${sayOf(issue)}` }];
}

/** What is left out is said to be, and not to be an undefined value. */
function sayOf({ message }: Issue): string {
  const [, expected] =
    /^Invalid input: expected (\S+), received undefined$/.exec(message) ?? [];
  if (!expected) return message;
  const article = /^[aeiou]/.test(expected) ? 'an' : 'a';
  return `it is missing: expected ${article} ${expected}`;
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
