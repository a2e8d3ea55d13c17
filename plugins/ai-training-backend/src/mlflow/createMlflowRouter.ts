import type {
  HttpAuthService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { answerFailures } from '@greenroom/ai-node';
import type express from 'express';
import Router from 'express-promise-router';
import { authenticate } from './authenticate';
import { answerMlflowFailures, MlflowError } from './MlflowError';

/** Version of MLflow whose protocol this is. */
const MLFLOW_VERSION = '3.6.0';

/** The protocol of MLflow's clients, below the path that they are given as tracking URI. */
export function createMlflowRouter(options: {
  httpAuth: HttpAuthService;
  logger: LoggerService;
  /** Address of the portal's page that knows where links of MLflow lead. */
  linksUrl: string;
  /** Their paths begin with `/api/2.0/mlflow` and the like; they read bodies themselves. */
  features: express.Router[];
}): express.Router {
  const router = Router();
  // Clients print links below the tracking URI. What is behind their # stays with the browser, which takes it along.
  router.get('/', (_req, res) => {
    res.redirect(options.linksUrl);
  });
  router.get('/health', (_req, res) => {
    res.type('text/plain').send('OK');
  });
  router.get('/version', (_req, res) => {
    res.type('text/plain').send(MLFLOW_VERSION);
  });
  router.use((req, _res, next) => {
    if (req.url.includes('%00')) {
      throw new MlflowError(
        'INVALID_PARAMETER_VALUE',
        'The URL has a zero character (%00) in it',
      );
    }
    next();
  });
  router.use(authenticate(options));
  router.get('/api/3.0/mlflow/server-info', (_req, res) => {
    res.json({
      store_type: 'SqlStore',
      workspaces_enabled: false,
      trace_archival_enabled: false,
      multipart_uploads_enabled: false,
      multipart_downloads_enabled: false,
    });
  });
  options.features.forEach(feature => router.use(feature));
  router.use(req => {
    throw new MlflowError(
      'ENDPOINT_NOT_FOUND',
      `There is no ${req.method} ${req.path} here: Greenroom has MLflow's experiments, runs, artifacts, logged models, registered models and web hooks of them, and no traces, prompts or scorers`,
    );
  });
  router.use(answerFailures, answerMlflowFailures(options));
  return router;
}
