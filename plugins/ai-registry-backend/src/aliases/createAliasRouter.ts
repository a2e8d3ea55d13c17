import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import { audited, parseMoment } from '@greenroom/ai-node';
import type { AliasChange } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { AliasRef, AliasService } from './AliasService';
import type { HistoryPage } from './AliasStore';

export function createAliasRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  aliases: AliasService;
}): express.Router {
  const { auditor, httpAuth, aliases } = options;
  const router = Router();

  router.get<
    { model: string },
    { items: AliasChange[]; nextCursor?: string },
    never,
    HistoryPage
  >('/models/:model/alias-history', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { limit, cursor } = req.query;
    res.json(
      await aliases.history(req.params.model, { credentials, limit, cursor }),
    );
  });

  router.get<AliasParams, AliasChange, never, { at?: string }>(
    '/models/:model/aliases/:alias',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { at } = req.query;
      const ref = {
        ...toRef(req.params),
        at: at ? parseInstant(at) : undefined,
      };
      res.json(await aliases.get(ref, { credentials }));
    },
  );

  router.put<AliasParams, AliasChange, { version: number; reason: string }>(
    '/models/:model/aliases/:alias',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const change = { ...toRef(req.params), ...req.body };
      const moved = await audited(
        auditor,
        { eventId: 'alias-set', request: req, meta: change },
        () => aliases.set(change, { credentials }),
      );
      res.json(moved);
    },
  );

  router.delete<AliasParams, void, { reason: string }>(
    '/models/:model/aliases/:alias',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const change = { ...toRef(req.params), ...req.body };
      await audited(
        auditor,
        { eventId: 'alias-remove', request: req, meta: change },
        () => aliases.remove(change, { credentials }),
      );
      res.status(204).end();
    },
  );

  return router;
}

type AliasParams = { model: string; alias: string };

function toRef({ model, alias }: AliasParams): AliasRef {
  return { model, alias };
}

function parseInstant(at: string): Date {
  const instant = parseMoment(at);
  if (!instant) {
    throw new InputError(
      `at: '${at}' is not a moment such as 2026-05-03T12:00:00Z`,
    );
  }
  return instant;
}
