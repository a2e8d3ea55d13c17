import { InputError } from '@backstage/errors';
import {
  type Webhook,
  WEBHOOK_EVENTS,
  type WebhookEvent,
  type WebhookStatus,
} from '@greenroom/plugin-ai-registry-common';
import { offsetCursor } from './offsetCursor';
import type { RegistryCaller } from './RegistryCaller';
import type { RegistryCall } from './registryTokenOf';

/** An event as MLflow's messages have it. */
export interface EventMessage {
  entity: string;
  action: string;
}

/** Of our events, those that MLflow's clients fail at: they know only creations of models and versions. */
const UNKNOWN_TO_CLIENTS: ReadonlySet<WebhookEvent> = new Set([
  'registered_model.updated',
  'registered_model.deleted',
  'model_version.updated',
  'model_version.deleted',
] as const);

export interface WebhookSaid {
  name?: string;
  description?: string;
  url?: string;
  events?: EventMessage[];
  /** An empty one takes it away. */
  secret?: string;
  status?: WebhookStatus;
}

/** Web hooks as MLflow's protocol has them, kept by the registry, in the name of the caller. */
export class RegistryWebhooks {
  readonly #registry: RegistryCaller;

  constructor(options: { registry: RegistryCaller }) {
    this.#registry = options.registry;
  }

  async create(
    hook: WebhookSaid & { name: string; url: string; events: EventMessage[] },
    call: RegistryCall,
  ): Promise<object> {
    const { secret, ...said } = hook;
    const events = hook.events.map(toEvent);
    const created = await this.#registry.ask(call, (registry, options) =>
      registry.createWebhook(
        { ...said, events, ...(secret && { secret }) },
        options,
      ),
    );
    return toMessage(created);
  }

  /** Those with an event that clients of MLflow know; they fail at others. */
  async list(
    page: { limit: number; pageToken?: string },
    call: RegistryCall,
  ): Promise<{ items: object[]; nextPageToken?: string }> {
    const { items } = await this.#registry.ask(call, (registry, options) =>
      registry.listWebhooks(options),
    );
    const known = items.filter(({ events }) => knownOf(events).length > 0);
    const start = offsetCursor.decode(page.pageToken);
    const end = start + page.limit;
    return {
      items: known.slice(start, end).map(toMessage),
      ...(end < known.length && { nextPageToken: offsetCursor.encode(end) }),
    };
  }

  async get(id: string, call: RegistryCall): Promise<object> {
    return toMessage(
      await this.#registry.ask(call, (registry, options) =>
        registry.getWebhook(id, options),
      ),
    );
  }

  async update(
    id: string,
    changes: WebhookSaid,
    call: RegistryCall,
  ): Promise<object> {
    const { secret, events, ...said } = changes;
    const changed = await this.#registry.ask(call, (registry, options) =>
      registry.updateWebhook(
        id,
        {
          ...said,
          ...(events && { events: events.map(toEvent) }),
          ...(secret !== undefined && { secret: secret || null }),
        },
        options,
      ),
    );
    return toMessage(changed);
  }

  async delete(id: string, call: RegistryCall): Promise<void> {
    await this.#registry.ask(call, (registry, options) =>
      registry.deleteWebhook(id, options),
    );
  }

  async test(
    id: string,
    event: EventMessage | undefined,
    call: RegistryCall,
  ): Promise<object> {
    const body = event ? { event: toEvent(event) } : {};
    const result = await this.#registry.ask(call, (registry, options) =>
      registry.testWebhook(id, body, options),
    );
    return {
      success: result.success,
      response_status: result.responseStatus,
      response_body: result.responseBody,
      error_message: result.errorMessage,
    };
  }
}

function knownOf(events: WebhookEvent[]): WebhookEvent[] {
  return events.filter(event => !UNKNOWN_TO_CLIENTS.has(event));
}

function toEvent({ entity, action }: EventMessage): WebhookEvent {
  const name = `${entity}.${action}`.toLowerCase();
  const event = WEBHOOK_EVENTS.find(known => known === name);
  if (event) return event;
  throw new InputError(
    `There are no web hooks of '${name}' here: expected one of ${WEBHOOK_EVENTS.join(
      ', ',
    )}`,
  );
}

/** MLflow's messages have the names of enumerations in capitals. */
function toMessage(hook: Webhook): object {
  return {
    webhook_id: hook.id,
    name: hook.name,
    url: hook.url,
    events: knownOf(hook.events).map(event => {
      const [entity, action] = event.toUpperCase().split('.');
      return { entity, action };
    }),
    ...(hook.description && { description: hook.description }),
    status: hook.status,
    creation_timestamp: Date.parse(hook.createdAt),
    last_updated_timestamp: Date.parse(hook.updatedAt),
  };
}
