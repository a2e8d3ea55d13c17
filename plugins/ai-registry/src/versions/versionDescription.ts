import type { VersionFacts } from '@greenroom/plugin-ai-registry-common';

/** What a training script can say about a version, apart from its files. */
export type VersionDescription = VersionFacts;

const PARTS = {
  description: 'a text',
  schema: 'an object',
  evaluation: 'an object',
  reference: 'an object',
  tags: 'an object',
  source: 'an object',
} as const;

/**
 * Reads a JSON description file. Only the outer shape is looked at here: the
 * registry checks the rest and names each field that it refuses.
 *
 * @throws Error with a sentence that says what to correct.
 */
export function readVersionDescription(json: string): VersionDescription {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new Error(`The description file is not JSON: ${messageOf(error)}`);
  }
  if (!isRecord(value)) {
    throw new Error(
      `The description file must hold one JSON object with any of ${Object.keys(
        PARTS,
      ).join(', ')}.`,
    );
  }
  for (const [key, part] of Object.entries(value)) {
    if (!isPart(key)) {
      throw new Error(
        `The description file has an unknown field "${key}". Known fields: ${Object.keys(
          PARTS,
        ).join(', ')}.`,
      );
    }
    const fits =
      PARTS[key] === 'a text' ? typeof part === 'string' : isRecord(part);
    if (!fits) {
      throw new Error(
        `The description file's field "${key}" must be ${PARTS[key]}.`,
      );
    }
  }
  return value;
}

function isPart(key: string): key is keyof typeof PARTS {
  return Object.hasOwn(PARTS, key);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
