import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import type {
  Dataset,
  DatasetVersion,
  Model,
  ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const AT = '2026-05-03T12:00:00.000Z';

export function digestOf(version: number): `sha256:${string}` {
  return `sha256:${String(version).repeat(64).slice(0, 64)}`;
}

export function makeModel(changes: Partial<Model> = {}): Model {
  return {
    name: 'digits',
    externalName: 'digits',
    title: 'Handwritten digits',
    description: 'Reads a digit.',
    task: 'classification',
    owner: 'group:default/vision-team',
    tags: {},
    versionCount: 1,
    latestVersion: 1,
    aliases: [],
    createdAt: AT,
    createdBy: 'user:default/ada',
    updatedAt: AT,
    ...changes,
  };
}

export function makeVersion(
  model: string,
  version: number,
  changes: Partial<ModelVersionDetail> = {},
): ModelVersionDetail {
  return {
    model,
    version,
    description: '',
    format: 'onnx',
    digest: digestOf(version),
    sizeBytes: 1_000,
    signature: {
      inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 4] }],
      outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
    },
    servability: { state: 'not-tried', reason: 'Made up for a test.' },
    tags: {},
    source: {},
    aliases: [],
    createdAt: AT,
    createdBy: 'user:default/ada',
    ...changes,
  };
}

export function makeDataset(changes: Partial<Dataset> = {}): Dataset {
  return {
    name: 'capitals',
    title: 'Capitals',
    description: '',
    owner: 'group:default/ml-platform',
    tags: {},
    versionCount: 0,
    createdAt: AT,
    createdBy: 'user:default/ada',
    updatedAt: AT,
    ...changes,
  };
}

/** Completed, all traffic on the version. */
export function makeDeployment(
  environment: string,
  model: string,
  version = 1,
  changes: Partial<Deployment> = {},
): Deployment {
  const variant = { version, digest: digestOf(version), weightPercent: 100 };
  return {
    environment,
    model,
    wanted: { version, digest: digestOf(version), commit: 'c', since: AT },
    variants: [variant],
    plannedVariants: [variant],
    convergence: { state: 'serving' },
    dataPlanes: { ready: 1, total: 1, degraded: [] },
    updatedAt: AT,
    ...changes,
  };
}

/** What the registry and the inference plugin tell the catalog, over real sockets, two models a page. */
export class FakePlugins {
  models: Model[] = [];
  versions: ModelVersionDetail[] = [];
  files: Record<string, string[]> = {};
  datasets: Dataset[] = [];
  datasetVersions: DatasetVersion[] = [];
  deployments: Deployment[] = [];
  dataPlanes: { environment: string; publicUrl: string; online: boolean }[] =
    [];
  /** Most items of a page. */
  pageSize = 2;
  /** Neither is answered while it is set. */
  isDown = false;
  /** The inference plugin is not installed. */
  isWithoutInference = false;
  readonly asked: string[] = [];
  readonly #server: Server = createServer((req, res) => {
    const url = new URL(req.url ?? '', 'http://host');
    this.asked.push(url.pathname);
    const found = req.headers.authorization?.startsWith('Bearer ')
      ? this.#answer(url)
      : undefined;
    const status = found === undefined ? 404 : 200;
    res.statusCode = this.isDown ? 503 : status;
    res.setHeader('Content-Type', 'application/json');
    res.end(JSON.stringify(this.isDown || !found ? { error: {} } : found));
  });

  async start(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => {
      this.#server.close(resolve);
    });
  }

  /** Of a plugin, for discovery. */
  urlOf(pluginId: string): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/${pluginId}`;
  }

  #answer({ pathname, searchParams }: URL): object | undefined {
    const [plugin, kind, name, part, number, last] = pathname
      .slice(1)
      .split('/')
      .map(decodeURIComponent);
    if (plugin === 'ai-inference') {
      if (this.isWithoutInference) return undefined;
      if (kind === 'data-planes') return { items: this.dataPlanes };
      const models = searchParams.getAll('models');
      return page(
        this.deployments.filter(
          ({ model }) => models.length === 0 || models.includes(model),
        ),
        searchParams,
        this.pageSize,
      );
    }
    if (kind === 'dataset-versions') {
      const digest = searchParams.get('digest');
      return {
        items: this.datasetVersions.filter(one => one.digest === digest),
      };
    }
    const all = kind === 'datasets' ? this.datasets : this.models;
    if (name === undefined)
      return page<Model | Dataset>(all, searchParams, this.pageSize);
    if (part === undefined) return all.find(one => one.name === name);
    const versions = this.versions
      .filter(({ model }) => model === name)
      .sort((one, other) => other.version - one.version);
    if (number === undefined)
      return page(versions, searchParams, this.pageSize);
    if (last === 'files') {
      const paths = this.files[`${name}/${number}`] ?? [];
      return { items: paths.map(path => ({ path })) };
    }
    return versions.find(({ version }) => String(version) === number);
  }
}

function page<Item>(
  items: Item[],
  query: URLSearchParams,
  size: number,
): object {
  const start = Number(query.get('cursor') ?? 0);
  const end = start + Math.min(size, Number(query.get('limit') ?? size));
  return {
    items: items.slice(start, end),
    totalItems: items.length,
    ...(end < items.length && { nextCursor: String(end) }),
  };
}
