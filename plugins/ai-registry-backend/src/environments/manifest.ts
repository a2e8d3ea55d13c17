import { InputError, toError } from '@backstage/errors';
import {
  type DeploymentManifest,
  DIGEST_PATTERN,
  type Environment,
  ENVIRONMENT_NAME_PATTERN,
  MODEL_NAME_PATTERN,
  type RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import { isDeepStrictEqual } from 'node:util';
import { Document, parseDocument, visit } from 'yaml';
import { z } from 'zod';

/** A manifest has about thirty lines; room for comments is generous. */
export const MAX_MANIFEST_BYTES = 64 * 1024;
/** Uses of anchors in one manifest; a few thousand of them can stand for gigabytes. */
const MAX_ALIAS_COUNT = 100;
/** Versions are stored in four bytes. */
const MAX_VERSION = 2 ** 31 - 1;
const MAX_HOLD_SECONDS = 7 * 24 * 60 * 60;

/** Which model in which environment a manifest is about. */
export interface ManifestPlace {
  environment: Environment;
  model: string;
}

const versionSchema = z.int().min(1).max(MAX_VERSION);
const digestSchema = z
  .string()
  .regex(DIGEST_PATTERN, 'expected sha256: and 64 hexadecimal digits');

const rolloutSchema = z
  .strictObject({
    strategy: z.enum(['canary', 'immediate']),
    steps: z
      .array(
        z.strictObject({
          weightPercent: z.number().gt(0).max(100),
          holdSeconds: z.number().min(0).max(MAX_HOLD_SECONDS),
        }),
      )
      .max(20)
      .default([]),
  })
  .check(({ value, issues }) => {
    const complain = (message: string) =>
      issues.push({ code: 'custom', input: value, path: ['steps'], message });
    const { strategy, steps } = value;
    if (strategy === 'canary' && steps.length === 0) {
      complain(
        'expected at least one step for a canary, with weightPercent and holdSeconds; only an immediate rollout has no steps',
      );
    }
    if (strategy === 'immediate' && steps.length > 0) {
      complain('expected no steps for an immediate rollout');
    }
    steps.forEach((step, index) => {
      if (index > 0 && step.weightPercent <= steps[index - 1].weightPercent) {
        complain('expected weights that grow from step to step');
      }
    });
  });

const manifestSchema = z.strictObject({
  apiVersion: z.literal('greenroom.dev/v1'),
  kind: z.literal('ModelDeployment'),
  metadata: z.strictObject({
    name: z.string().regex(MODEL_NAME_PATTERN, 'expected a model name'),
    environment: z
      .string()
      .regex(ENVIRONMENT_NAME_PATTERN, 'expected an environment'),
  }),
  spec: z.strictObject({
    version: versionSchema,
    digest: digestSchema,
    rollout: rolloutSchema,
    rollbackTo: z
      .strictObject({ version: versionSchema, digest: digestSchema })
      .optional(),
    batching: z
      .strictObject({ mode: z.enum(['auto', 'on', 'off']) })
      .optional(),
  }),
});

/** Folder of the environments repository that holds all manifests. */
export const MANIFESTS_FOLDER = 'environments';

export function manifestPath(place: ManifestPlace): string {
  return `${MANIFESTS_FOLDER}/${place.environment}/models/${place.model}.yaml`;
}

/**
 * The place that a path stands for; undefined for a file that nobody would take for a
 * manifest. A YAML file where no manifest belongs has the place that it seems to be meant for.
 */
export function parseManifestPath(
  path: string,
): { environment: string; model: string } | undefined {
  const [folder, environment, ...rest] = path.split('/');
  const file = /^(.*)\.ya?ml$/i.exec(rest.at(-1) ?? environment ?? '');
  if (folder !== MANIFESTS_FOLDER || !file) return undefined;
  return {
    environment: rest.length > 0 ? environment : '',
    model: file[1],
  };
}

/**
 * Reads a manifest.
 *
 * @throws InputError that names the path, the field and what was expected there
 */
export function parseManifest(
  text: string,
  place: ManifestPlace,
): DeploymentManifest {
  const path = manifestPath(place);
  if (Buffer.byteLength(text) > MAX_MANIFEST_BYTES) {
    throw new InputError(
      `${path}: expected at most ${MAX_MANIFEST_BYTES} bytes`,
    );
  }
  const manifest = check(manifestSchema, toJavaScript(text, path), path);
  const { name, environment } = manifest.metadata;
  if (name !== place.model) {
    throw new InputError(
      `${path}: metadata.name: expected '${place.model}' as in the file's name, got '${name}'`,
    );
  }
  if (environment !== place.environment) {
    throw new InputError(
      `${path}: metadata.environment: expected '${place.environment}' as in the file's folder, got '${environment}'`,
    );
  }
  return manifest;
}

/**
 * Checks a rollout plan that came from a request or the configuration.
 *
 * @throws InputError that names the field below `where`
 */
export function parseRolloutPlan(plan: unknown, where: string): RolloutPlan {
  return check(rolloutSchema, plan, where);
}

/**
 * Prints a manifest: a new file, or the earlier text with only what differs
 * changed, so that people's comments and order stay.
 */
export function printManifest(
  manifest: DeploymentManifest,
  earlierText?: string,
): string {
  const document = readEarlier(earlierText) ?? new Document({});
  edit(document, [], manifest);
  return document.toString({ lineWidth: 0 });
}

/** The earlier file, when there is one that can be edited. */
function readEarlier(text: string | undefined): Document | undefined {
  if (text === undefined || Buffer.byteLength(text) > MAX_MANIFEST_BYTES) {
    return undefined;
  }
  try {
    const document = parseDocument(text);
    const isPlain = isRecord(resolve(document)) && !hasAliases(document);
    return isPlain ? document : undefined;
  } catch {
    // It was refused by whoever read it; what replaces it is written anew.
    return undefined;
  }
}

function hasAliases(document: Document.Parsed): boolean {
  let found = false;
  visit(document, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

function edit(document: Document, path: string[], wanted: object): void {
  const current: unknown =
    path.length === 0 ? resolve(document) : toPlain(document.getIn(path));
  const before = isRecord(current) ? current : {};
  for (const key of Object.keys(before)) {
    if (!(key in wanted)) document.deleteIn([...path, key]);
  }
  for (const [key, value] of Object.entries(wanted)) {
    const at = [...path, key];
    if (value === undefined) {
      document.deleteIn(at);
    } else if (isRecord(value) && isRecord(before[key])) {
      edit(document, at, value);
    } else if (!isDeepStrictEqual(before[key], value)) {
      document.setIn(
        at,
        isRecord(value) || Array.isArray(value)
          ? document.createNode(value)
          : value,
      );
    }
  }
}

function toPlain(node: unknown): unknown {
  return isRecord(node) && typeof node.toJSON === 'function'
    ? node.toJSON()
    : node;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toJavaScript(text: string, path: string): unknown {
  try {
    return resolve(parseDocument(text));
  } catch (error) {
    throw new InputError(`${path}: not valid YAML: ${toError(error).message}`);
  }
}

/** @throws when it is no YAML, or an alias stands for nothing or for far too much */
function resolve(document: Document.Parsed | Document): unknown {
  const [error] = document.errors;
  if (error) throw error;
  return document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
}

function check<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InputError(
    result.error.issues
      .map(issue => {
        const field = issue.path.join('.');
        return `${where}: ${field && `${field}: `}${issue.message}`;
      })
      .join('; '),
  );
}
