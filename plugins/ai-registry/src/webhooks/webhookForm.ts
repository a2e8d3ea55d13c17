import {
  type NewWebhook,
  WEBHOOK_EVENTS,
  type WebhookChanges,
  type WebhookEvent,
} from '@greenroom/plugin-ai-registry-common';

/** What the dialogs of web hooks hold. */
export interface WebhookForm {
  name: string;
  description: string;
  url: string;
  /** Name of the only model that it tells of; empty for all. */
  model: string;
  events: WebhookEvent[];
}

export type WebhookFormErrors = Partial<Record<keyof WebhookForm, string>>;

/** What most hooks are for: to act on a new version, and on one that moved. */
export const EMPTY_WEBHOOK: WebhookForm = {
  name: '',
  description: '',
  url: '',
  model: '',
  events: ['model_version.created', 'model_version_alias.created'],
};

/** What happens, in words that do not need MLflow's. */
export const EVENT_WORDS: Record<WebhookEvent, string> = {
  'registered_model.created': 'A model is registered',
  'registered_model.updated': 'What is said of a model changes',
  'registered_model.deleted': 'A model is deleted',
  'model_version.created': 'A version is added',
  'model_version.updated': 'Description or stage of a version changes',
  'model_version.deleted': 'A version is deleted',
  'model_version_tag.set': 'A tag of a version is set',
  'model_version_tag.deleted': 'A tag of a version is taken away',
  'model_version_alias.created': 'An alias is set or moves',
  'model_version_alias.deleted': 'An alias is taken away',
};

const SECRET_BYTES = 32;

/** A key for signatures that nobody guesses, in base64. */
export function newSecret(
  fill: (bytes: Uint8Array) => Uint8Array = bytes =>
    crypto.getRandomValues(bytes),
): string {
  return btoa(String.fromCharCode(...fill(new Uint8Array(SECRET_BYTES))));
}

/**
 * What is sent, or what to correct, by field.
 *
 * @param mayTellOfAll - whether a hook may be made that names no model
 */
export function readWebhook(
  form: WebhookForm,
  { mayTellOfAll }: { mayTellOfAll: boolean },
):
  | { hook: NewWebhook; errors?: undefined }
  | { hook?: undefined; errors: WebhookFormErrors } {
  const errors: WebhookFormErrors = {};
  const name = form.name.trim();
  const url = form.url.trim();
  const model = form.model.trim();
  if (!/^[a-z0-9](?:[\w.-]{0,61}[a-z0-9])?$/i.test(name)) {
    errors.name =
      'Use 1 to 63 letters, digits, dots, underscores and dashes, with a letter or digit at both ends.';
  }
  if (!isAddress(url)) {
    errors.url = 'Write an address that begins with https://.';
  }
  if (!model && !mayTellOfAll) {
    errors.model =
      'Choose a model that you may change: hooks of all models are made by administrators.';
  }
  if (form.events.length === 0) {
    errors.events = 'Choose at least one thing to be told of.';
  }
  if (Object.keys(errors).length > 0) return { errors };
  return {
    hook: {
      name,
      description: form.description.trim(),
      url,
      // In the order in which they are listed everywhere.
      events: WEBHOOK_EVENTS.filter(event => form.events.includes(event)),
      ...(model && { model }),
    },
  };
}

/** What of a hook changes; a hook stays with its model. */
export function changesOf(hook: NewWebhook): WebhookChanges {
  const { name, description, url, events } = hook;
  return { name, description, url, events };
}

function isAddress(text: string): boolean {
  try {
    return ['https:', 'http:'].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}
