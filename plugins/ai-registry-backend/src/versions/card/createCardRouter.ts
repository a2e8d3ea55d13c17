import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type { ModelCard, NewCard } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { CardService } from './CardService';

export function createCardRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  cards: CardService;
}): express.Router {
  const { auditor, httpAuth, cards } = options;
  const router = Router();

  router.get<VersionParams, ModelCard>(
    '/models/:model/versions/:version/card',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json(await cards.get(refOf(req.params), { credentials }));
    },
  );

  router.put<VersionParams, ModelCard, NewCard>(
    '/models/:model/versions/:version/card',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const ref = refOf(req.params);
      const card = await audited(
        auditor,
        { eventId: 'card-set', request: req, meta: { ...ref } },
        () => cards.set(ref, req.body, { credentials }),
      );
      res.json(card);
    },
  );

  router.get<VersionParams, { text: string }>(
    '/models/:model/versions/:version/card/export',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json({
        text: await cards.export(refOf(req.params), { credentials }),
      });
    },
  );

  return router;
}

type VersionParams = { model: string; version: string };

function refOf({ model, version }: VersionParams) {
  return { model, version: Number(version) };
}
