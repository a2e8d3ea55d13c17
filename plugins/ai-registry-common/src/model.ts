import type { Deprecation } from './deprecation';

/**
 * What a model does: answers about rows of numbers and texts (the first two), what Hugging Face calls
 * pipeline tags, or something else.
 */
export const MODEL_TASKS = [
  'classification',
  'regression',
  'text-generation',
  'feature-extraction',
  'audio-classification',
  'audio-to-audio',
  'automatic-speech-recognition',
  'depth-estimation',
  'document-question-answering',
  'fill-mask',
  'image-classification',
  'image-feature-extraction',
  'image-segmentation',
  'image-text-to-text',
  'image-to-image',
  'image-to-text',
  'mask-generation',
  'object-detection',
  'question-answering',
  'reinforcement-learning',
  'sentence-similarity',
  'summarization',
  'table-question-answering',
  'tabular-classification',
  'tabular-regression',
  'text-classification',
  'text-ranking',
  'text-to-audio',
  'text-to-image',
  'text-to-speech',
  'text-to-video',
  'time-series-forecasting',
  'token-classification',
  'translation',
  'video-classification',
  'visual-question-answering',
  'voice-activity-detection',
  'zero-shot-classification',
  'zero-shot-image-classification',
  'zero-shot-object-detection',
  'other',
] as const;

export type ModelTask = (typeof MODEL_TASKS)[number];

/** A registered model: the name that versions, aliases and deployments hang on. */
export interface Model {
  /** Lower-case letters, digits and dashes; never changes. */
  name: string;
  /** What clients of MLflow call it; `name` unless one of them registered or renamed it. */
  externalName: string;
  title: string;
  description: string;
  task: ModelTask;
  /** Entity ref of the owning group or user, e.g. `group:default/vision`. */
  owner: string;
  /** Entity ref of the system the model belongs to. */
  system?: string;
  tags: Record<string, string>;
  /** That of the newest version, by its card or its tags, else that of the model's tags `license` or `licence`. */
  licence?: string;
  /** Without deleted ones. */
  versionCount: number;
  /** Number of the newest that is not deleted. */
  latestVersion?: number;
  /** Where each alias points now. */
  aliases: { alias: string; version: number }[];
  /** Of the model as a whole; undefined where it is not deprecated. */
  deprecation?: Deprecation;
  createdAt: string;
  createdBy: string;
  updatedAt: string;
}

export interface NewModel {
  /** Made from `externalName` where only that is given. */
  name?: string;
  /** The name where it is left out. */
  externalName?: string;
  title?: string;
  description?: string;
  task: ModelTask;
  /** The caller, or the owner of their token, where it is left out. */
  owner?: string;
  system?: string;
  tags?: Record<string, string>;
}

export type ModelChanges = Partial<
  Pick<
    Model,
    'title' | 'description' | 'owner' | 'system' | 'tags' | 'externalName'
  >
> & { tagChanges?: TagChanges };

/** Tags to set, in the place of what they were; null takes one away. The others stay. */
export type TagChanges = Record<string, string | null>;

/** Tag of models whose inputs say something about people. */
const PERSONAL_TAG = 'personal';

/** Whether rows of the model may be kept nowhere: it has the tag, whatever its value, unless that says no. */
export function isPersonal({ tags }: Pick<Model, 'tags'>): boolean {
  const tag = tags[PERSONAL_TAG];
  return tag !== undefined && !/^(false|no)$/i.test(tag);
}

/** Rule for a model's name; also its catalog entity name and manifest file name. */
export const MODEL_NAME_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Rule for what MLflow calls a model: MLflow takes any text that fits its table. */
export const EXTERNAL_NAME_PATTERN = /^[^\p{Cc}]{1,256}$/u;
