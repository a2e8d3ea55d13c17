import { InputError } from '@backstage/errors';
import {
  type BundleFile,
  DESCRIPTION_FILE,
  type VersionFacts,
} from '@greenroom/plugin-ai-registry-common';
import type { ArtifactService } from '../artifacts/ArtifactService';

/** A quarter of what the registry takes as JSON. */
export const MAX_DESCRIPTION_BYTES = 16 * 1024 * 1024;

/** What the registry would not take from there: what a version is made of comes with the folder. */
const MEMBERS = [
  'description',
  'schema',
  'evaluation',
  'reference',
  'tags',
  'source',
] as const satisfies (keyof VersionFacts)[];

/**
 * Reads what lies beside a model. What its members say is held against the model by the registry.
 *
 * @throws InputError that names the file and the member that is wrong
 */
export async function readDescription(
  file: BundleFile,
  artifacts: Pick<ArtifactService, 'open'>,
): Promise<VersionFacts> {
  const { sizeBytes } = file;
  if (sizeBytes > MAX_DESCRIPTION_BYTES) {
    throw wrong(
      `it has ${sizeBytes} bytes, more than the ${MAX_DESCRIPTION_BYTES} that it may have: give fewer reference rows`,
    );
  }
  const chunks: Buffer[] = [];
  for await (const chunk of await artifacts.open(file)) {
    chunks.push(chunk);
  }
  return parseDescription(Buffer.concat(chunks).toString('utf8'));
}

export function parseDescription(text: string): VersionFacts {
  const said = parseObject(text);
  for (const name of Object.keys(said)) {
    if (!MEMBERS.some(member => member === name)) {
      throw wrong(`'${name}' is not known; expected ${MEMBERS.join(', ')}`);
    }
  }
  for (const name of ['tags', 'source'] as const) {
    if (said[name] !== undefined && !isObject(said[name])) {
      throw wrong(`${name} is no object`);
    }
  }
  return said as VersionFacts;
}

function parseObject(text: string): Record<string, unknown> {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch (error) {
    throw wrong(`not valid JSON: ${(error as Error).message}`);
  }
  if (!isObject(said)) throw wrong('expected one JSON object');
  return said;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(what: string): InputError {
  return new InputError(`${DESCRIPTION_FILE}: ${what}`);
}
