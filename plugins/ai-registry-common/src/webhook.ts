/** What web hooks tell of, `<entity>.<action>` in MLflow's words; the updates and deletions are Greenroom's own. */
export const WEBHOOK_EVENTS = [
  'registered_model.created',
  'registered_model.updated',
  'registered_model.deleted',
  'model_version.created',
  'model_version.updated',
  'model_version.deleted',
  'model_version_tag.set',
  'model_version_tag.deleted',
  'model_version_alias.created',
  'model_version_alias.deleted',
] as const;

export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

export type WebhookStatus = 'ACTIVE' | 'DISABLED';

/** An address that is told of what happens to models. */
export interface Webhook {
  id: string;
  name: string;
  description: string;
  url: string;
  events: WebhookEvent[];
  /** The only model that it tells of; undefined: all. */
  model?: string;
  status: WebhookStatus;
  /** Why the registry itself has disabled it; undefined when it is active, or somebody has disabled it. */
  disabledBecause?: string;
  /** Whether deliveries are signed; the secret itself is never shown. */
  hasSecret: boolean;
  /** Tries that have failed since the last one that did not. */
  failures: number;
  /** Deliveries that were dropped because too many waited. */
  dropped: number;
  createdAt: string;
  createdBy: string;
  updatedAt: string;
}

export interface NewWebhook {
  /** Up to 63 letters, digits, dots, underscores and dashes. */
  name: string;
  description?: string;
  /** https; http where the configuration names the host. */
  url: string;
  events: WebhookEvent[];
  model?: string;
  /** Key of the signatures; without it, deliveries are not signed. */
  secret?: string;
  /** ACTIVE when left out. */
  status?: WebhookStatus;
}

/** A hook stays with its model. */
export interface WebhookChanges {
  name?: string;
  description?: string;
  url?: string;
  events?: WebhookEvent[];
  /** null takes it away. */
  secret?: string | null;
  status?: WebhookStatus;
}

export type WebhookDeliveryState = 'PENDING' | 'DELIVERED' | 'FAILED';

/** One event that a hook is told of, with what became of it. Kept for 30 days. */
export interface WebhookDelivery {
  /** The same for all tries: receivers know by it what they have had already. */
  id: string;
  event: WebhookEvent;
  /** Whether somebody asked for it to try the hook; then nothing has happened. */
  isTest: boolean;
  state: WebhookDeliveryState;
  attempts: number;
  /** When it is tried next; only of those that wait. */
  dueAt?: string;
  /** HTTP status of the last answer; undefined when there was none. */
  responseStatus?: number;
  /** The beginning of the last answer, at most 2 KiB. */
  responseBody?: string;
  /** Why the last try failed. */
  error?: string;
  /** How long the last try took. */
  durationMillis?: number;
  createdAt: string;
  finishedAt?: string;
  /** What is sent. */
  body: string;
}

/** What came back of a try that was asked for. */
export interface WebhookTestResult {
  success: boolean;
  responseStatus?: number;
  /** At most 2 KiB. */
  responseBody?: string;
  errorMessage?: string;
}

export interface WebhookDeliveryQuery {
  state?: WebhookDeliveryState;
  limit?: number;
  cursor?: string;
}
