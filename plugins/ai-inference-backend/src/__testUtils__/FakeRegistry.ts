import type {
  DesiredDeployment,
  ListedDeprecation,
  ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The answers of the registry that this plugin needs, over real HTTP. */
export class FakeRegistry {
  /** What Git says should run. */
  desired: DesiredDeployment[] = [];
  /** Undefined for a registry from before there were any. */
  deprecations: ListedDeprecation[] | undefined;
  versions: ModelVersionDetail[] = [];
  /** Answers 503 to everything while set. */
  down = false;
  /** Answers 503 to questions for a version while set. */
  versionsDown = false;
  /** Paths that were asked for. */
  readonly requests: string[] = [];
  /** Called before what should run is answered. */
  onDesired: (() => Promise<void>) | undefined;
  readonly #server = createServer(async (req, res) => {
    this.requests.push(req.url ?? '');
    if (req.url?.endsWith('/production/deployments')) await this.onDesired?.();
    const { status, body } = this.#answer(req.url ?? '');
    res.writeHead(status, { 'Content-Type': 'application/json' });
    res.end(JSON.stringify(body));
  });

  static async start(): Promise<FakeRegistry> {
    const registry = new FakeRegistry();
    await new Promise<void>(resolve =>
      registry.#server.listen(0, '127.0.0.1', resolve),
    );
    return registry;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/api/ai-registry`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  #answer(url: string): { status: number; body: unknown } {
    if (this.down) {
      return {
        status: 503,
        body: { error: { name: 'ServiceUnavailableError' } },
      };
    }
    const [, environment] =
      url.match(/\/environments\/(\w+)\/deployments$/) ?? [];
    if (environment) {
      const items = this.desired.filter(
        deployment => deployment.environment === environment,
      );
      const { deprecations } = this;
      return { status: 200, body: { items, deprecations } };
    }
    if (/\/models\/[\w-]+$/.test(url)) {
      return { status: 200, body: { owner: 'group:default/vision' } };
    }
    const [, model, version] =
      url.match(/\/models\/([\w-]+)\/versions\/(\d+)$/) ?? [];
    if (this.versionsDown) {
      return {
        status: 503,
        body: { error: { name: 'ServiceUnavailableError' } },
      };
    }
    const found = this.versions.find(
      item => item.model === model && item.version === Number(version),
    );
    return found
      ? { status: 200, body: found }
      : { status: 404, body: { error: { name: 'NotFoundError' } } };
  }
}
