import { LANGUAGE_PATHS } from '@greenroom/plugin-ai-inference-common';
import type { MemoryChange } from '../domain/changeMemory';
import type { LanguageTask } from '../domain/LanguageModel';
import { refusedExtension } from './openInference/refusedExtensions';
import {
  TRAINING_JOBS_PATH,
  type TrainingTarget,
  trainingTargetOf,
} from './training/trainingTarget';
import { AI_BATCH_PATH, AI_MODELS_PATH, AI_PATHS } from './ai/paths';

/** What a path of the Open Inference Protocol, or of OpenAI's API, asks for. */
export type Target =
  | { kind: 'server' }
  | { kind: 'live' }
  | { kind: 'ready' }
  | { kind: 'models' }
  /** What all versions have done. */
  | { kind: 'statistics' }
  /** All versions that are wanted. */
  | { kind: 'repository-index' }
  /** A model's memory is to change. */
  | { kind: 'repository-model'; model: string; change: MemoryChange }
  /** An extension of other servers that is not here, and why. */
  | { kind: 'refused'; reason: string }
  /** What became of earlier requests. */
  | { kind: 'feedback' }
  | ModelTarget
  /** The language models, or one of them, as OpenAI's API lists them. */
  | { kind: 'language-models'; model: string | undefined }
  | { kind: 'language'; form: LanguageForm }
  /** All models, whatever they take. */
  | { kind: 'ai-models' }
  /** Several calls in one. */
  | { kind: 'batch' }
  | TrainingTarget
  /** Of OpenAI's API, and not here. */
  | { kind: 'unknown-language' }
  | { kind: 'unknown' };

export interface ModelTarget {
  kind:
    | 'model'
    | 'model-config'
    | 'model-ready'
    | 'model-statistics'
    | 'infer'
    | 'explain';
  model: string;
  /** As the caller wrote it. */
  version: string | undefined;
}

/** How a language model is asked: for a task in OpenAI's own form, or by the Responses API. */
export type LanguageForm = LanguageTask | 'responses';

export const RESPONSES_PATH = '/v1/responses';
const UNKNOWN: Target = { kind: 'unknown' };
const FIXED: Record<string, Target> = {
  '/v2': { kind: 'server' },
  '/v2/health/live': { kind: 'live' },
  '/v2/health/ready': { kind: 'ready' },
  '/v2/models': { kind: 'models' },
  // A model of that name is asked for its metadata by its versions.
  '/v2/models/stats': { kind: 'statistics' },
  '/v2/repository/index': { kind: 'repository-index' },
  '/v2/feedback': { kind: 'feedback' },
  '/v1/models': { kind: 'language-models', model: undefined },
  ...Object.fromEntries(
    Object.entries(LANGUAGE_PATHS).map(([task, path]) => [
      path,
      { kind: 'language', form: task as LanguageTask },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(AI_PATHS).map(([task, path]) => [
      path,
      { kind: 'language', form: task as LanguageTask },
    ]),
  ),
  [AI_MODELS_PATH]: { kind: 'ai-models' },
  [AI_BATCH_PATH]: { kind: 'batch' },
  [RESPONSES_PATH]: { kind: 'language', form: 'responses' },
};
const LANGUAGE_MODEL_PATTERN = /^\/v1\/models\/(.+)$/;
const MODEL_PATTERN =
  /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(config|explain|infer|ready|stats))?$/;
const REPOSITORY_PATTERN = /^\/v2\/repository\/models\/([^/]+)\/(load|unload)$/;
const KINDS: Record<string, ModelTarget['kind']> = {
  ready: 'model-ready',
  infer: 'infer',
  explain: 'explain',
  config: 'model-config',
  stats: 'model-statistics',
};

/** Every path that means something, with `:model` and `:version` for what callers write. */
export function knownPaths(): string[] {
  const models = ['/v2/models/:model', '/v2/models/:model/versions/:version'];
  const suffixes = ['', ...Object.keys(KINDS).map(kind => `/${kind}`)];
  return [
    ...Object.keys(FIXED),
    '/v1/models/:model',
    ...['', '/:job', '/:job/log', '/:job/cancel', '/:job/retry'].map(
      below => `${TRAINING_JOBS_PATH}${below}`,
    ),
    '/v2/repository/models/:model/load',
    '/v2/repository/models/:model/unload',
    ...models.flatMap(model => suffixes.map(suffix => `${model}${suffix}`)),
  ];
}

/** The absolute form of a request target, which servers have to take (RFC 9112 section 3.2.2). */
const ABSOLUTE_PATTERN = /^https?:\/\/[^/?#]*/i;

/** @param url - target of a request: path and query, or all of a URL */
export function parseTarget(url: string): Target {
  const origin = url.startsWith('/') ? url : url.replace(ABSOLUTE_PATTERN, '');
  const query = origin.indexOf('?');
  const path = query === -1 ? origin : origin.slice(0, query);
  const trimmed =
    path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  if (Object.hasOwn(FIXED, trimmed)) return FIXED[trimmed];
  try {
    if (trimmed.startsWith('/v1/')) return parseLanguageTarget(trimmed);
    if (trimmed.startsWith('/ai/')) {
      return trainingTargetOf(trimmed) ?? { kind: 'unknown-language' };
    }
    const repository = REPOSITORY_PATTERN.exec(trimmed);
    if (repository) {
      return {
        kind: 'repository-model',
        model: decodeURIComponent(repository[1]),
        change: repository[2] as MemoryChange,
      };
    }
    const match = MODEL_PATTERN.exec(trimmed);
    if (!match) {
      const reason = refusedExtension(trimmed);
      return reason === undefined ? UNKNOWN : { kind: 'refused', reason };
    }
    return {
      kind: KINDS[match[3]] ?? 'model',
      model: decodeURIComponent(match[1]),
      version: match[2] && decodeURIComponent(match[2]),
    };
  } catch {
    return UNKNOWN;
  }
}

function parseLanguageTarget(path: string): Target {
  const match = LANGUAGE_MODEL_PATTERN.exec(path);
  return match
    ? { kind: 'language-models', model: decodeURIComponent(match[1]) }
    : { kind: 'unknown-language' };
}

const MAX_REMEMBERED = 1_000;
const MAX_REMEMBERED_LENGTH = 200;

/** Parses paths and remembers those that were seen lately, as callers repeat a few. */
export class TargetParser {
  readonly #remembered = new Map<string, Target>();

  parse(url: string): Target {
    let target = this.#remembered.get(url);
    if (target === undefined) {
      target = parseTarget(url);
      if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
      if (url.length <= MAX_REMEMBERED_LENGTH) {
        this.#remembered.set(url, target);
      }
    }
    return target;
  }
}
