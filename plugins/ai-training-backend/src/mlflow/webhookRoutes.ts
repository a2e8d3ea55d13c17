import { InputError } from '@backstage/errors';
import type express from 'express';
import type {
  EventMessage,
  RegistryWebhooks,
} from '../registry/RegistryWebhooks';
import type { Message } from './messages';
import { MlflowError } from './MlflowError';
import { MlflowRoutes } from './MlflowRoutes';

const DEFAULT_HOOKS = 100;
const MOST_HOOKS = 1_000;
const STATUSES = ['ACTIVE', 'DISABLED'] as const;
const UUID_PATTERN = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Web hooks of registered models. */
export function createWebhookRoutes(options: {
  webhooks: RegistryWebhooks;
}): express.Router {
  const { webhooks } = options;
  return new MlflowRoutes()
    .add('post', '/webhooks', async ({ message, ...call }) => ({
      webhook: await webhooks.create(
        {
          name: message.requiredText('name'),
          url: message.requiredText('url'),
          events: message.messages('events').map(readEvent),
          description: message.text('description'),
          secret: message.text('secret'),
          status: message.oneOf('status', STATUSES),
        },
        call,
      ),
    }))
    .add('get', '/webhooks', async ({ message, ...call }) => {
      const { items, nextPageToken } = await webhooks.list(
        {
          limit: readLimit(message),
          pageToken: message.text('page_token') || undefined,
        },
        call,
      );
      return { webhooks: items, next_page_token: nextPageToken };
    })
    .add('get', '/webhooks/:webhookId', async call => ({
      webhook: await webhooks.get(readId(call.params), call),
    }))
    .add('patch', '/webhooks/:webhookId', async ({ message, ...call }) => {
      const events = message.messages('events').map(readEvent);
      return {
        webhook: await webhooks.update(
          readId(call.params),
          {
            name: message.text('name') || undefined,
            url: message.text('url') || undefined,
            ...(events.length > 0 && { events }),
            description: message.text('description'),
            secret: message.text('secret'),
            status: message.oneOf('status', STATUSES),
          },
          call,
        ),
      };
    })
    .add('delete', '/webhooks/:webhookId', call =>
      webhooks.delete(readId(call.params), call),
    )
    .add('post', '/webhooks/:webhookId/test', async ({ message, ...call }) => {
      const event = message.message('event');
      return {
        result: await webhooks.test(
          readId(call.params),
          event && readEvent(event),
          call,
        ),
      };
    }).router;
}

function readEvent(event: Message): EventMessage {
  return {
    entity: event.requiredText('entity'),
    action: event.requiredText('action'),
  };
}

/** @throws MlflowError as for a hook that is not there: none is called otherwise */
function readId({ webhookId }: Record<string, string>): string {
  if (UUID_PATTERN.test(webhookId)) return webhookId;
  throw new MlflowError(
    'RESOURCE_DOES_NOT_EXIST',
    `There is no web hook '${webhookId}'`,
  );
}

function readLimit(message: Message): number {
  const limit = message.integer('max_results') ?? DEFAULT_HOOKS;
  if (limit >= 1 && limit <= MOST_HOOKS) return limit;
  throw new InputError(
    `Invalid value ${limit} for parameter 'max_results' supplied: it must lie between 1 and ${MOST_HOOKS}`,
  );
}
