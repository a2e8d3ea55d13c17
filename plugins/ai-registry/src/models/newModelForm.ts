import {
  MODEL_NAME_PATTERN,
  type ModelTask,
  type NewModel,
} from '@greenroom/plugin-ai-registry-common';

/** What the "Register model" dialog holds while it is filled in. */
export interface NewModelForm {
  name: string;
  title: string;
  description: string;
  task: ModelTask;
  owner: string;
  system: string;
  /** `key=value` pairs, separated by commas. */
  tags: string;
}

export type NewModelErrors = Partial<Record<keyof NewModelForm, string>>;

export const EMPTY_NEW_MODEL: NewModelForm = {
  name: '',
  title: '',
  description: '',
  task: 'classification',
  owner: '',
  system: '',
  tags: '',
};

const ENTITY_REF_PATTERN = /^[a-z]+:[^:/\s]+\/[^:/\s]+$/;

/** The model to create, or what to correct, by field. */
export function readNewModel(
  form: NewModelForm,
):
  | { model: NewModel; errors?: undefined }
  | { model?: undefined; errors: NewModelErrors } {
  const errors: NewModelErrors = {};
  if (!MODEL_NAME_PATTERN.test(form.name)) {
    errors.name =
      'Use 1 to 63 lower-case letters, digits and dashes, with a letter or digit at both ends.';
  }
  if (!/^(group|user):[^:/\s]+\/[^:/\s]+$/.test(form.owner)) {
    errors.owner =
      'Choose an owner, or write one as an entity reference: group:default/<name> or user:default/<name>.';
  }
  if (form.system && !ENTITY_REF_PATTERN.test(form.system)) {
    errors.system =
      'Choose a system, write one as an entity reference (system:default/<name>), or leave it empty.';
  }
  const tags = readTags(form.tags);
  if (!tags) {
    errors.tags =
      'Write tags as key=value pairs with commas between them, for example framework=scikit-learn.';
  }
  if (!tags || Object.keys(errors).length > 0) return { errors };
  return {
    model: {
      name: form.name,
      task: form.task,
      owner: form.owner,
      ...(form.title && { title: form.title }),
      ...(form.description && { description: form.description }),
      ...(form.system && { system: form.system }),
      ...(Object.keys(tags).length > 0 && { tags }),
    },
  };
}

/** `key=value` pairs as an object; undefined when one of them is not a pair. */
export function readTags(text: string): Record<string, string> | undefined {
  const tags: Record<string, string> = {};
  for (const pair of text.split(',').map(part => part.trim())) {
    if (!pair) continue;
    const separator = pair.indexOf('=');
    const key = pair.slice(0, separator).trim();
    if (separator < 1 || !key) return undefined;
    tags[key] = pair.slice(separator + 1).trim();
  }
  return tags;
}
