import type {
  BackstageCredentials,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import type express from 'express';
import { MlflowError } from './MlflowError';

export type CallerCredentials = BackstageCredentials<
  BackstageUserPrincipal | BackstageServicePrincipal
>;

const WHERE_FROM =
  'Set MLFLOW_TRACKING_TOKEN to a service token, which an administrator of the portal issues, or to the token of your own sign-in; where only a user name and a password can be set, the password is the token';

const credentialsOfRequests = new WeakMap<object, CallerCredentials>();

/**
 * Lets pass who has a token: as MLflow's clients send it, alone or as the password of HTTP's
 * basic authentication. Whoever comes without is told where a token comes from.
 */
export function authenticate(options: {
  httpAuth: HttpAuthService;
}): express.RequestHandler {
  const { httpAuth } = options;
  const check = async (req: express.Request) => {
    const { authorization } = req.headers;
    if (authorization === undefined) {
      throw new MlflowError(
        'UNAUTHENTICATED',
        `The call has no token. ${WHERE_FROM}`,
      );
    }
    // What the framework reads from here on, audit entries included.
    req.headers.authorization = toBearer(authorization);
    credentialsOfRequests.set(req, await readCredentials(httpAuth, req));
  };
  return (req, _res, next) => {
    check(req).then(() => next(), next);
  };
}

/** Who calls; only behind {@link authenticate}. */
export function credentialsOf(req: express.Request): CallerCredentials {
  const credentials = credentialsOfRequests.get(req);
  if (!credentials) {
    throw new Error('The route is not behind the check of credentials');
  }
  return credentials;
}

async function readCredentials(
  httpAuth: HttpAuthService,
  req: express.Request,
): Promise<CallerCredentials> {
  try {
    return await httpAuth.credentials(req, { allow: ['user', 'service'] });
  } catch (error) {
    if (!isError(error) || error.name !== 'AuthenticationError') throw error;
    throw new MlflowError(
      'UNAUTHENTICATED',
      `The token is not valid: ${error.message}. ${WHERE_FROM}`,
    );
  }
}

/** The password of basic authentication is the token; what is in another form stays as it is. */
export function toBearer(authorization: string): string {
  const basic = /^Basic\s+([A-Za-z0-9+/=_-]+)\s*$/i.exec(authorization);
  if (!basic) return authorization;
  const text = Buffer.from(basic[1], 'base64').toString('utf8');
  return `Bearer ${text.slice(text.indexOf(':') + 1)}`;
}
