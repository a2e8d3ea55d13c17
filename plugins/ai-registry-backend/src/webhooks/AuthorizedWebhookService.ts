import type { PermissionsService } from '@backstage/backend-plugin-api';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { isPermitted, requirePermission } from '@greenroom/ai-node';
import {
  aiModelUpdatePermission,
  aiWebhookManagePermission,
  type NewWebhook,
  type Webhook,
  type WebhookChanges,
  type WebhookDelivery,
  type WebhookDeliveryQuery,
  type WebhookEvent,
  type WebhookTestResult,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions } from '../models/ModelService';
import type { WebhookService } from './WebhookService';

/** Lets those manage a hook who may manage all, and who may update the only model that it tells of; then delegates. */
export class AuthorizedWebhookService implements WebhookService {
  readonly #webhooks: WebhookService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    webhooks: WebhookService;
    permissions: PermissionsService;
  }) {
    this.#webhooks = options.webhooks;
    this.#permissions = options.permissions;
  }

  /** Those that the caller may manage. */
  async list(options: CallOptions): Promise<Webhook[]> {
    const hooks = await this.#webhooks.list(options);
    if (await this.#mayManageAll(options)) return hooks;
    const models = [...new Set(hooks.flatMap(({ model }) => model ?? []))];
    if (models.length === 0) return [];
    const decisions = await this.#permissions.authorize(
      models.map(resourceRef => ({
        permission: aiModelUpdatePermission,
        resourceRef,
      })),
      options,
    );
    const own = new Set(
      models.filter(
        (_, index) => decisions[index].result === AuthorizeResult.ALLOW,
      ),
    );
    return hooks.filter(({ model }) => model !== undefined && own.has(model));
  }

  async get(id: string, options: CallOptions): Promise<Webhook> {
    const hook = await this.#webhooks.get(id, options);
    await this.#requireManage(hook, options);
    return hook;
  }

  async create(hook: NewWebhook, options: CallOptions): Promise<Webhook> {
    await this.#requireManage(hook, options);
    return this.#webhooks.create(hook, options);
  }

  async update(
    id: string,
    changes: WebhookChanges,
    options: CallOptions,
  ): Promise<Webhook> {
    await this.get(id, options);
    return this.#webhooks.update(id, changes, options);
  }

  async delete(id: string, options: CallOptions): Promise<void> {
    await this.get(id, options);
    return this.#webhooks.delete(id, options);
  }

  async test(
    id: string,
    event: WebhookEvent | undefined,
    options: CallOptions,
  ): Promise<WebhookTestResult> {
    await this.get(id, options);
    return this.#webhooks.test(id, event, options);
  }

  async listDeliveries(
    id: string,
    query: WebhookDeliveryQuery,
    options: CallOptions,
  ): Promise<{ items: WebhookDelivery[]; nextCursor?: string }> {
    await this.get(id, options);
    return this.#webhooks.listDeliveries(id, query, options);
  }

  async replay(
    id: string,
    delivery: string,
    options: CallOptions,
  ): Promise<WebhookDelivery> {
    await this.get(id, options);
    return this.#webhooks.replay(id, delivery, options);
  }

  async #requireManage(
    { model }: { model?: string },
    options: CallOptions,
  ): Promise<void> {
    if (await this.#mayManageAll(options)) return;
    await requirePermission(
      this.#permissions,
      model === undefined
        ? { ...options, permission: aiWebhookManagePermission }
        : {
            ...options,
            permission: aiModelUpdatePermission,
            resourceRef: model,
          },
    );
  }

  #mayManageAll(options: CallOptions): Promise<boolean> {
    return isPermitted(this.#permissions, {
      ...options,
      permission: aiWebhookManagePermission,
    });
  }
}
