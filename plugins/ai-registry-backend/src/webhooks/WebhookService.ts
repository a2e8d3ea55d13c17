import { ConflictError, InputError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import {
  type NewWebhook,
  type Webhook,
  WEBHOOK_EVENTS,
  type WebhookChanges,
  type WebhookDelivery,
  type WebhookDeliveryQuery,
  type WebhookEvent,
  type WebhookTestResult,
} from '@greenroom/plugin-ai-registry-common';
import { randomUUID } from 'node:crypto';
import type { RegistryChanges } from '../events/announcement';
import type { CallOptions } from '../models/ModelService';
import type { ModelStore } from '../models/ModelStore';
import type { DeliveryStore } from './DeliveryStore';
import type { Post } from './HttpPoster';
import type { ReceiverRules } from './ReceiverRules';
import type { SecretBox } from './SecretBox';
import { sendOnce } from './sendOnce';
import { bodyOf, EXAMPLES } from './webhookEvents';
import type { WebhookStore } from './WebhookStore';

/** Each change looks at all of them. */
const MOST_HOOKS = 500;
/** As MLflow has it. */
const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/i;

/** What can be done with web hooks. All throw a NotFoundError when there is no such hook. */
export interface WebhookService {
  list(options: CallOptions): Promise<Webhook[]>;
  get(id: string, options: CallOptions): Promise<Webhook>;
  /** Throws an InputError that names the field. */
  create(hook: NewWebhook, options: CallOptions): Promise<Webhook>;
  update(
    id: string,
    changes: WebhookChanges,
    options: CallOptions,
  ): Promise<Webhook>;
  /** With its deliveries. */
  delete(id: string, options: CallOptions): Promise<void>;
  /** Sends an example now; a failure is a result. */
  test(
    id: string,
    event: WebhookEvent | undefined,
    options: CallOptions,
  ): Promise<WebhookTestResult>;
  /** The newest first. */
  listDeliveries(
    id: string,
    query: WebhookDeliveryQuery,
    options: CallOptions,
  ): Promise<{ items: WebhookDelivery[]; nextCursor?: string }>;
  /** Throws a NotFoundError when the hook has no such delivery. */
  replay(
    id: string,
    delivery: string,
    options: CallOptions,
  ): Promise<WebhookDelivery>;
}

/** Does what it is asked; {@link AuthorizedWebhookService} asks whether it may. */
export class DefaultWebhookService implements WebhookService {
  readonly #hooks: WebhookStore;
  readonly #deliveries: DeliveryStore;
  readonly #models: Pick<ModelStore, 'get' | 'lock'>;
  readonly #changes: RegistryChanges;
  readonly #rules: ReceiverRules;
  readonly #secrets: SecretBox;
  readonly #post: Post;
  readonly #clock: () => Date;

  constructor(options: {
    hooks: WebhookStore;
    deliveries: DeliveryStore;
    models: Pick<ModelStore, 'get' | 'lock'>;
    changes: RegistryChanges;
    rules: ReceiverRules;
    secrets: SecretBox;
    post: Post;
    clock?: () => Date;
  }) {
    this.#hooks = options.hooks;
    this.#deliveries = options.deliveries;
    this.#models = options.models;
    this.#changes = options.changes;
    this.#rules = options.rules;
    this.#secrets = options.secrets;
    this.#post = options.post;
    this.#clock = options.clock ?? (() => new Date());
  }

  list(): Promise<Webhook[]> {
    return this.#hooks.list();
  }

  get(id: string): Promise<Webhook> {
    return this.#hooks.get(id);
  }

  async create(hook: NewWebhook, options: CallOptions): Promise<Webhook> {
    const actor = userRefOf(options.credentials);
    const { name, url, model, secret } = hook;
    checkName(name);
    checkEvents(hook.events);
    await this.#checkReceiver(url);
    if (model !== undefined) await this.#models.get(model);
    const id = randomUUID();
    return this.#changes.transaction(async tx => {
      // The model before its hooks, in the order of whoever gives it another owner.
      if (model !== undefined) await this.#models.lock(tx, model);
      if ((await this.#hooks.countLocked(tx)) >= MOST_HOOKS) {
        throw new ConflictError(
          `There are ${MOST_HOOKS} web hooks already: delete those that nobody needs`,
        );
      }
      await this.#hooks.insert(tx, {
        id,
        name,
        url,
        events: hook.events,
        description: hook.description ?? '',
        status: hook.status ?? 'ACTIVE',
        secret: secret ? this.#secrets.seal(secret, id) : null,
        model,
        createdBy: actor,
      });
      const after = await this.#hooks.get(id, tx);
      await this.#changes.record(tx, {
        action: 'webhook-created',
        actor,
        model,
        subject: id,
        after: auditOf(after),
        announce: [],
      });
      return after;
    });
  }

  async update(
    id: string,
    changes: WebhookChanges,
    options: CallOptions,
  ): Promise<Webhook> {
    const actor = userRefOf(options.credentials);
    const { secret, ...fields } = changes;
    if (fields.name !== undefined) checkName(fields.name);
    if (fields.events !== undefined) checkEvents(fields.events);
    if (fields.url !== undefined) await this.#checkReceiver(fields.url);
    return this.#changes.transaction(async tx => {
      const before = await this.#hooks.lock(tx, id);
      await this.#hooks.update(tx, id, {
        ...fields,
        ...(secret !== undefined && {
          secret: secret ? this.#secrets.seal(secret, id) : null,
        }),
      });
      const after = await this.#hooks.get(id, tx);
      await this.#changes.record(tx, {
        action: 'webhook-updated',
        actor,
        model: after.model,
        subject: id,
        before: auditOf(before),
        after: {
          ...auditOf(after),
          ...(secret !== undefined && { secretChanged: true }),
        },
        announce: [],
      });
      return after;
    });
  }

  async delete(id: string, options: CallOptions): Promise<void> {
    const actor = userRefOf(options.credentials);
    await this.#changes.transaction(async tx => {
      const before = await this.#hooks.lock(tx, id);
      await this.#hooks.delete(tx, id);
      await this.#changes.record(tx, {
        action: 'webhook-deleted',
        actor,
        model: before.model,
        subject: id,
        before: auditOf(before),
        announce: [],
      });
    });
  }

  async test(
    id: string,
    asked: WebhookEvent | undefined,
  ): Promise<WebhookTestResult> {
    const { events } = await this.#hooks.get(id);
    const { url, secret } = await this.#hooks.getReceiver(id);
    const event = asked ?? events[0];
    const at = this.#clock();
    const body = bodyOf(event, EXAMPLES[event], at);
    const delivery = randomUUID();
    const outcome = await sendOnce(
      { id: delivery, webhook: id, url, body, secret },
      { at, secrets: this.#secrets, post: this.#post },
    );
    await this.#deliveries.addTest({
      id: delivery,
      webhook: id,
      event,
      body,
      outcome,
    });
    const { status, answer, error } = outcome;
    return {
      success: error === undefined,
      responseStatus: status,
      responseBody: answer,
      errorMessage: error,
    };
  }

  async listDeliveries(
    id: string,
    query: WebhookDeliveryQuery,
  ): Promise<{ items: WebhookDelivery[]; nextCursor?: string }> {
    await this.#hooks.get(id);
    return this.#deliveries.list(id, query);
  }

  async replay(
    id: string,
    delivery: string,
    options: CallOptions,
  ): Promise<WebhookDelivery> {
    const actor = userRefOf(options.credentials);
    return this.#changes.transaction(async tx => {
      const hook = await this.#hooks.lock(tx, id);
      if (hook.status !== 'ACTIVE') {
        throw new ConflictError(
          `The web hook '${hook.name}' is disabled: make it ACTIVE, and replay then`,
        );
      }
      const ref = { webhook: id, id: delivery };
      const replayed = await this.#deliveries.replay(tx, ref);
      await this.#changes.record(tx, {
        action: 'webhook-replayed',
        actor,
        model: hook.model,
        subject: id,
        after: { delivery, event: replayed.event },
        announce: [],
      });
      return replayed;
    });
  }

  /** A host that cannot be found now may be there when something is sent, and is looked at again. */
  async #checkReceiver(text: string): Promise<void> {
    const url = this.#rules.parse(text);
    try {
      await this.#rules.resolve(url);
    } catch (error) {
      if (error instanceof InputError) throw error;
    }
  }
}

/** Addresses of receivers may have secrets in their paths: of them, the history keeps where they lead. */
function auditOf({ name, url, events, status, model }: Webhook) {
  return { name, receiver: new URL(url).origin, events, status, model };
}

function checkName(name: string): void {
  if (NAME_PATTERN.test(name)) return;
  throw new InputError(
    `name: '${name}' cannot be the name of a web hook: it must begin and end with a letter or digit, and have at most 63 letters, digits, dots, underscores and dashes`,
  );
}

function checkEvents(events: WebhookEvent[]): void {
  const unknown = events.find(event => !WEBHOOK_EVENTS.includes(event));
  if (events.length > 0 && unknown === undefined) return;
  throw new InputError(
    `events: expected one or more of ${WEBHOOK_EVENTS.join(', ')}`,
  );
}
