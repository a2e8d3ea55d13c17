import { refuseUnstorableTexts } from '@greenroom/ai-node';
import express from 'express';
import Router from 'express-promise-router';
import { type CallerCredentials, credentialsOf } from './authenticate';
import { Message } from './messages';

const MEGABYTE = 1024 * 1024;

/** What most messages fit in, log-batch included. */
export const JSON_LIMIT_BYTES = MEGABYTE;

/** For messages with profiles of datasets or descriptions of models. */
export const LARGE_JSON_LIMIT_BYTES = 20 * MEGABYTE;

export interface MlflowCall {
  message: Message;
  credentials: CallerCredentials;
  /** Parameters of the path. */
  params: Record<string, string>;
  req: express.Request;
}

/** What a client asks for: its answer is a JSON object, `{}` where nothing is given back. */
type Handler = (call: MlflowCall) => Promise<object | void>;

export type MlflowMethod = 'get' | 'post' | 'patch' | 'delete';

export interface MlflowRouteOptions {
  /** Largest body in bytes; 1 MiB unless it is said. */
  jsonLimitBytes?: number;
  /** Versions of the protocol under which the route is reached; 2.0 alone unless it is said. */
  versions?: ('2.0' | '3.0')[];
}

/**
 * Routes of the protocol: a handler is given what the client says and who it is, and what it
 * gives back is answered with 200, which is all that clients take for success.
 */
export class MlflowRoutes {
  readonly router: express.Router = Router();

  /** @param path - below `/api/2.0/mlflow`, such as `/runs/create` */
  add(
    method: MlflowMethod,
    path: string,
    handler: Handler,
    options: MlflowRouteOptions = {},
  ): this {
    const { jsonLimitBytes = JSON_LIMIT_BYTES, versions = ['2.0'] } = options;
    this.router[method](
      versions.map(version => `/api/${version}/mlflow${path}`),
      express.json({
        limit: jsonLimitBytes,
        strict: false,
        // Whatever it says of itself: MLflow's own server reads it, too.
        type: () => true,
        verify: (_req, _res, body, encoding) =>
          refuseUnstorableTexts(body, encoding),
      }),
      async (req: express.Request, res: express.Response) => {
        const result = await handler({
          message: Message.of(req),
          credentials: credentialsOf(req),
          params: req.params,
          req,
        });
        res.status(200).json(result ?? {});
      },
    );
    return this;
  }
}
