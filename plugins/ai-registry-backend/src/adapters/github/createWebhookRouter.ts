import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import express from 'express';
import Router from 'express-promise-router';
import type { DeliveryStore } from './DeliveryStore';
import { type Hint, isSigned, readHint } from './delivery';

const MOST_BODY_BYTES = 1024 * 1024;
const DELIVERY_ID = /^[A-Za-z0-9-]{1,64}$/;
const EVENT = /^[a-z_]{1,64}$/;

export interface WebhookOptions {
  /** Where GitHub sends deliveries to, below the plugin's address. */
  path: string;
  secret: string;
  /** `owner/name` */
  repository: string;
  /** Greenroom's own account. */
  self(): Promise<string>;
  deliveries: Pick<DeliveryStore, 'take'>;
  /** Looks again. Whoever sent the delivery does not wait for it. */
  look(hint: Extract<Hint, { kind: 'look' }>): Promise<void>;
  logger: LoggerService;
}

const answerTooLarge: express.ErrorRequestHandler = (
  error,
  _req,
  res,
  next,
) => {
  if (error?.type !== 'entity.too.large') {
    next(error);
    return;
  }
  res.status(413).json({
    error: `A delivery of more than ${MOST_BODY_BYTES} bytes is not taken; the next sweep sees what it would have told`,
  });
};

/**
 * Takes what GitHub tells. Nobody is signed in there: a delivery counts by its signature, once, and
 * only as a hint to look.
 */
export function createWebhookRouter(options: WebhookOptions): express.Router {
  const { secret, deliveries, logger } = options;
  const router = Router();
  router.post(
    options.path,
    express.raw({ type: () => true, limit: MOST_BODY_BYTES }),
    async (req, res) => {
      const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
      const signature = req.header('x-hub-signature-256');
      if (!isSigned(body, { signature, secret })) {
        res.status(401).json({ error: 'The signature is wrong' });
        return;
      }
      const id = req.header('x-github-delivery') ?? '';
      const event = req.header('x-github-event') ?? '';
      const payload = parse(body);
      if (!DELIVERY_ID.test(id) || !EVENT.test(event) || !payload) {
        res.status(400).json({
          error:
            'A delivery has X-GitHub-Delivery, X-GitHub-Event and a body of JSON: choose application/json as the content type of the webhook',
        });
        return;
      }
      if (!(await deliveries.take({ id, event }))) {
        res.status(202).json({ status: 'taken before' });
        return;
      }
      res.status(202).json({ status: 'taken' });
      await lookAt(event, payload);
    },
  );
  router.use(options.path, answerTooLarge);
  return router;

  async function lookAt(event: string, payload: object): Promise<void> {
    try {
      const { repository, self, look } = options;
      const known = { repository, self: await self() };
      const hint = readHint(event, payload, known);
      if (hint.kind === 'look') await look(hint);
    } catch (error) {
      logger.warn(
        'What GitHub told could not be looked at; the next sweep sees it',
        toError(error),
      );
    }
  }
}

function parse(body: Buffer): object | undefined {
  try {
    const payload: unknown = JSON.parse(body.toString('utf8'));
    return typeof payload === 'object' && payload !== null
      ? payload
      : undefined;
  } catch {
    return undefined;
  }
}
