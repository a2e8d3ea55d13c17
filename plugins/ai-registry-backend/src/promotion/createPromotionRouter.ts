import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type {
  NewApproval,
  NewGateOverride,
  NewPromotion,
  Promotion,
  PromotionQuery,
} from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { NewRollback, PromotionService } from './PromotionService';

type ById = { id: string };

export function createPromotionRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  promotions: PromotionService;
}): express.Router {
  const { auditor, httpAuth, promotions } = options;
  const router = Router();

  router.get<{}, { items: Promotion[] }, never, PromotionQuery>(
    '/promotions',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json({ items: await promotions.list(req.query, { credentials }) });
    },
  );

  router.post<{}, Promotion, NewPromotion>('/promotions', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { model, version, environment } = req.body;
    const promotion = await audited(
      auditor,
      {
        eventId: 'promotion-open',
        request: req,
        meta: { model, version, environment },
      },
      () => promotions.promote(req.body, { credentials }),
    );
    res.status(201).json(promotion);
  });

  router.post<{}, Promotion, NewRollback>('/rollbacks', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { model, environment } = req.body;
    const promotion = await audited(
      auditor,
      {
        eventId: 'rollback-open',
        request: req,
        meta: { model, environment },
      },
      () => promotions.rollBack(req.body, { credentials }),
    );
    res.status(201).json(promotion);
  });

  router.get<ById>('/promotions/:id', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    res.json(await promotions.get(req.params.id, { credentials }));
  });

  router.post<ById, Promotion, NewApproval>(
    '/promotions/:id/approve',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { id } = req.params;
      const promotion = await audited(
        auditor,
        { eventId: 'promotion-approve', request: req, meta: { id } },
        () => promotions.approve(id, req.body, { credentials }),
      );
      res.json(promotion);
    },
  );

  router.post<ById, Promotion, NewGateOverride>(
    '/promotions/:id/overrides',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { id } = req.params;
      const { gate } = req.body;
      const promotion = await audited(
        auditor,
        {
          eventId: 'promotion-override',
          severityLevel: 'medium',
          request: req,
          meta: { id, gate },
        },
        () => promotions.override(id, req.body, { credentials }),
      );
      res.status(201).json(promotion);
    },
  );

  router.post<ById, Promotion, { reason: string }>(
    '/promotions/:id/close',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { id } = req.params;
      const promotion = await audited(
        auditor,
        { eventId: 'promotion-close', request: req, meta: { id } },
        () => promotions.close(id, req.body, { credentials }),
      );
      res.json(promotion);
    },
  );

  router.post<ById, Promotion>('/promotions/:id/retry', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { id } = req.params;
    const promotion = await audited(
      auditor,
      { eventId: 'promotion-retry', request: req, meta: { id } },
      () => promotions.retry(id, { credentials }),
    );
    res.json(promotion);
  });

  return router;
}
