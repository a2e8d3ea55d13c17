import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type {
  NewWebhook,
  Webhook,
  WebhookChanges,
  WebhookDelivery,
  WebhookDeliveryQuery,
  WebhookEvent,
  WebhookTestResult,
} from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { WebhookService } from './WebhookService';

type Params = { webhook: string };

export function createWebhookRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  webhooks: WebhookService;
}): express.Router {
  const { auditor, httpAuth, webhooks } = options;
  const router = Router();

  router.get<{}, { items: Webhook[] }>('/webhooks', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    res.json({ items: await webhooks.list({ credentials }) });
  });

  router.post<{}, Webhook, NewWebhook>('/webhooks', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { name, model } = req.body;
    const hook = await audited(
      auditor,
      { eventId: 'webhook-create', request: req, meta: { name, model } },
      () => webhooks.create(req.body, { credentials }),
    );
    res.status(201).json(hook);
  });

  router.get<Params, Webhook>('/webhooks/:webhook', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    res.json(await webhooks.get(req.params.webhook, { credentials }));
  });

  router.patch<Params, Webhook, WebhookChanges>(
    '/webhooks/:webhook',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { webhook } = req.params;
      const hook = await audited(
        auditor,
        { eventId: 'webhook-update', request: req, meta: { webhook } },
        () => webhooks.update(webhook, req.body, { credentials }),
      );
      res.json(hook);
    },
  );

  router.delete<Params>('/webhooks/:webhook', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { webhook } = req.params;
    await audited(
      auditor,
      { eventId: 'webhook-delete', request: req, meta: { webhook } },
      () => webhooks.delete(webhook, { credentials }),
    );
    res.status(204).end();
  });

  router.post<Params, WebhookTestResult, { event?: WebhookEvent }>(
    '/webhooks/:webhook/test',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { webhook } = req.params;
      const result = await audited(
        auditor,
        { eventId: 'webhook-test', request: req, meta: { webhook } },
        () => webhooks.test(webhook, req.body.event, { credentials }),
      );
      res.json(result);
    },
  );

  router.get<
    Params,
    { items: WebhookDelivery[]; nextCursor?: string },
    never,
    WebhookDeliveryQuery
  >('/webhooks/:webhook/deliveries', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { webhook } = req.params;
    res.json(
      await webhooks.listDeliveries(webhook, req.query, { credentials }),
    );
  });

  router.post<Params & { delivery: string }, WebhookDelivery>(
    '/webhooks/:webhook/deliveries/:delivery/replay',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { webhook, delivery } = req.params;
      const replayed = await audited(
        auditor,
        {
          eventId: 'webhook-replay',
          request: req,
          meta: { webhook, delivery },
        },
        () => webhooks.replay(webhook, delivery, { credentials }),
      );
      res.json(replayed);
    },
  );

  return router;
}
