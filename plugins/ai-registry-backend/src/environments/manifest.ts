import { InputError } from '@backstage/errors';
import {
  type DeploymentManifest,
  DIGEST_PATTERN,
  type Environment,
  ENVIRONMENTS,
  MODEL_NAME_PATTERN,
  type RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import { isDeepStrictEqual } from 'node:util';
import { Document, parseDocument } from 'yaml';
import { z } from 'zod';

const MAX_MANIFEST_CHARACTERS = 64 * 1024;
const MAX_HOLD_SECONDS = 7 * 24 * 60 * 60;

/** Which model in which environment a manifest is about. */
export interface ManifestPlace {
  environment: Environment;
  model: string;
}

const versionSchema = z.int().min(1);
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
    environment: z.enum(ENVIRONMENTS),
  }),
  spec: z.strictObject({
    version: versionSchema,
    digest: digestSchema,
    rollout: rolloutSchema,
    rollbackTo: z
      .strictObject({ version: versionSchema, digest: digestSchema })
      .optional(),
  }),
});

/** Folder of the environments repository that holds all manifests. */
export const MANIFESTS_FOLDER = 'environments';

export function manifestPath(place: ManifestPlace): string {
  return `${MANIFESTS_FOLDER}/${place.environment}/models/${place.model}.yaml`;
}

/** The place that a path stands for; undefined when it is no manifest's path. */
export function parseManifestPath(
  path: string,
): { environment: string; model: string } | undefined {
  const match = /^environments\/([^/]+)\/models\/([^/]+)\.ya?ml$/.exec(path);
  return match ? { environment: match[1], model: match[2] } : undefined;
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
  if (text.length > MAX_MANIFEST_CHARACTERS) {
    throw new InputError(
      `${path}: expected at most ${MAX_MANIFEST_CHARACTERS} characters`,
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
  const earlier = earlierText ? parseDocument(earlierText) : undefined;
  const isUsable = earlier?.errors.length === 0 && isRecord(earlier.toJS());
  const document = earlier && isUsable ? earlier : new Document({});
  edit(document, [], manifest);
  return document.toString({ lineWidth: 0 });
}

function edit(document: Document, path: string[], wanted: object): void {
  const current: unknown =
    path.length === 0 ? document.toJS() : toPlain(document.getIn(path));
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
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) {
    throw new InputError(`${path}: not valid YAML: ${error.message}`);
  }
  return document.toJS();
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
