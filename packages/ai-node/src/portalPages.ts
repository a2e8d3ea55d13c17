import type { RootConfigService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';

/**
 * Addresses of pages in the portal, as links of notifications, catalog entities and search results have them: a
 * path below `app.baseUrl`.
 */
export interface PortalPages {
  model(name: string): string;
  version(model: string, version: number): string;
  promotion(id: string): string;
  dataset(name: string): string;
  webhook(id: string): string;
  /** What runs where, in one environment unless all are meant. */
  deployments(environment?: string): string;
  /** What monitoring knows of a model in an environment. */
  dashboard(place: { environment: string; model: string }): string;
  /** Experiments and runs. */
  experiments(): string;
  experiment(id: string): string;
  run(id: string): string;
}

/** Where the pages are unless somebody moved them, by the name of their extension. */
const DEFAULT_PATHS = {
  'page:ai-registry': '/ai-registry',
  'sub-page:ai-registry/models': 'models',
  'sub-page:ai-registry/promotions': 'promotions',
  'sub-page:ai-registry/datasets': 'datasets',
  'sub-page:ai-registry/webhooks': 'webhooks',
  'page:ai-inference': '/ai-inference',
  'sub-page:ai-inference/deployments': 'deployments',
  'page:ai-monitoring': '/ai-monitoring',
  'page:ai-training': '/ai-training',
} as const;

type Extension = keyof typeof DEFAULT_PATHS;

/**
 * Reads where the portal has its pages: from `greenroom.pages`, as an app of the old frontend system
 * has to say it, or else from `app.extensions`, where the new one takes it from.
 *
 * @throws {InputError} a path does not start with a slash
 */
export function readPortalPages(config: RootConfigService): PortalPages {
  const moved = readMovedPaths(config);
  const pathOf = (extension: Extension) =>
    trimSlashes(moved.get(extension) ?? DEFAULT_PATHS[extension]);
  const pageOf = (
    plugin: 'ai-registry' | 'ai-inference' | 'ai-monitoring' | 'ai-training',
  ) => {
    const key = `greenroom.pages.${plugin}`;
    const path = config.getOptionalString(key);
    if (path !== undefined && !path.startsWith('/')) {
      throw new InputError(
        `${key} is '${path}': it must be a path of the portal that starts with a slash, such as /${plugin}`,
      );
    }
    return join('', trimSlashes(path ?? pathOf(`page:${plugin}`)));
  };
  const models = join(
    pageOf('ai-registry'),
    pathOf('sub-page:ai-registry/models'),
  );
  const promotions = join(
    pageOf('ai-registry'),
    pathOf('sub-page:ai-registry/promotions'),
  );
  const datasets = join(
    pageOf('ai-registry'),
    pathOf('sub-page:ai-registry/datasets'),
  );
  const webhooks = join(
    pageOf('ai-registry'),
    pathOf('sub-page:ai-registry/webhooks'),
  );
  const deployments = join(
    pageOf('ai-inference'),
    pathOf('sub-page:ai-inference/deployments'),
  );
  const monitoring = pageOf('ai-monitoring');
  const training = pageOf('ai-training');
  return {
    model: name => join(models, encodeURIComponent(name)),
    version: (model, version) =>
      join(models, `${encodeURIComponent(model)}/versions/${version}`),
    promotion: id => join(promotions, encodeURIComponent(id)),
    dataset: name => join(datasets, encodeURIComponent(name)),
    webhook: id => join(webhooks, encodeURIComponent(id)),
    deployments: environment =>
      environment === undefined
        ? deployments
        : `${deployments}?environment=${encodeURIComponent(environment)}`,
    dashboard: ({ environment, model }) =>
      `${monitoring}/models/${encodeURIComponent(
        model,
      )}?environment=${encodeURIComponent(environment)}`,
    experiments: () => training,
    experiment: id => `${training}/experiments/${encodeURIComponent(id)}`,
    run: id => `${training}/runs/${encodeURIComponent(id)}`,
  };
}

/** `app.extensions` is a list of names, and of objects with one name and what is set for it. */
function readMovedPaths(config: RootConfigService): Map<string, string> {
  const extensions = config.getOptional('app.extensions');
  if (!Array.isArray(extensions)) return new Map();
  return new Map(
    extensions
      .flatMap(item => (isObject(item) ? Object.entries(item) : []))
      .flatMap(([name, settings]) => {
        const path =
          isObject(settings) && isObject(settings.config)
            ? settings.config.path
            : undefined;
        return typeof path === 'string' ? [[name, path] as const] : [];
      }),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}

/** A page may be the portal's first, which has an empty path. */
function join(base: string, path: string): string {
  return path === '' ? base : `${base}/${path}`;
}
