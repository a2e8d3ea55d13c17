import type { Deprecation } from './deprecation';

/** What a model does; the last two as Hugging Face calls them, for models that providers run. */
export const MODEL_TASKS = [
  'classification',
  'regression',
  'text-generation',
  'feature-extraction',
] as const;

export type ModelTask = (typeof MODEL_TASKS)[number];

/** A registered model: the name that versions, aliases and deployments hang on. */
export interface Model {
  /** Lower-case letters, digits and dashes; never changes. */
  name: string;
  title: string;
  description: string;
  task: ModelTask;
  /** Entity ref of the owning group or user, e.g. `group:default/vision`. */
  owner: string;
  /** Entity ref of the system the model belongs to. */
  system?: string;
  tags: Record<string, string>;
  versionCount: number;
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
  name: string;
  title?: string;
  description?: string;
  task: ModelTask;
  owner: string;
  system?: string;
  tags?: Record<string, string>;
}

export type ModelChanges = Partial<
  Pick<Model, 'title' | 'description' | 'owner' | 'system' | 'tags'>
>;

/** Tag of models whose inputs say something about people. */
const PERSONAL_TAG = 'personal';

/** Whether rows of the model may be kept nowhere: it has the tag, whatever its value, unless that says no. */
export function isPersonal({ tags }: Pick<Model, 'tags'>): boolean {
  const tag = tags[PERSONAL_TAG];
  return tag !== undefined && !/^(false|no)$/i.test(tag);
}

/** Rule for a model's name; also its catalog entity name and manifest file name. */
export const MODEL_NAME_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
