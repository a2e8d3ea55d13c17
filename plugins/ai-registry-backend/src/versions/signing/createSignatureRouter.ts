import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type {
  SigningBundle,
  VersionSigning,
} from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { SignatureService } from './SignatureService';

export function createSignatureRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  signatures: SignatureService;
}): express.Router {
  const { auditor, httpAuth, signatures } = options;
  const router = Router();

  router.get<VersionParams, SigningBundle>(
    '/models/:model/versions/:version/signature',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json(await signatures.get(refOf(req.params), { credentials }));
    },
  );

  router.put<VersionParams, VersionSigning, SigningBundle>(
    '/models/:model/versions/:version/signature',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const ref = refOf(req.params);
      const signing = await audited(
        auditor,
        { eventId: 'version-sign', request: req, meta: { ...ref } },
        () => signatures.put(ref, req.body, { credentials }),
      );
      res.json(signing);
    },
  );

  return router;
}

type VersionParams = { model: string; version: string };

function refOf({ model, version }: VersionParams) {
  return { model, version: Number(version) };
}
