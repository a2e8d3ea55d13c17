import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pushManifests } from '../scripts/demo/environmentsRepository.mjs';
import { Portal } from '../scripts/drills/lib/Portal.mjs';
import { Callers } from '../scripts/drills/rollouts/lib/Callers.mjs';
import {
  type Behaviour,
  Endpoint,
} from '../scripts/drills/rollouts/lib/Endpoint.mjs';
import {
  hasShare,
  issueKey,
  productionManifest,
  registerRemote,
  untilDeployment,
  untilWayBack,
  type Version,
} from '../scripts/drills/rollouts/lib/models.mjs';

const port = Number(process.env.GREENROOM_E2E_PORT ?? 7307);
const dataDirectory = `${
  process.env.GREENROOM_E2E_SCRATCH ?? '/tmp'
}/greenroom-e2e`;
const CALLERS_PER_SECOND = 40;

/** A model whose second version shows something: how its endpoint behaves, and how it is rolled out. */
export interface Play {
  model: string;
  /** Its connection, apart from that of the others where it fails. */
  connection: 'steady' | 'shaky';
  behaviour: Behaviour;
  outcome?: ConstructorParameters<typeof Callers>[0]['outcome'];
  rollout(versions: Version[]): object;
}

/** Versions that an endpoint of this process runs, with callers, on the stack of the browser tests. */
export class Stage {
  readonly endpoint = new Endpoint();
  readonly #portal = new Portal({
    url: `http://localhost:${port}`,
    person: 'grace',
  });
  readonly #versions = new Map<string, Version[]>();
  readonly #callers = new Map<string, Callers>();
  readonly #plays = new Map<string, Play>();

  /** Registers the models, has their first versions serve, and starts callers. */
  async open(plays: Play[]): Promise<void> {
    await this.endpoint.start(port + 4);
    const models = plays.map(({ model }) => model);
    for (const play of plays) {
      const { model, connection } = play;
      this.#plays.set(model, play);
      this.endpoint.behave(`${model}-2`, play.behaviour);
      this.#versions.set(
        model,
        await registerRemote(this.#portal, model, [
          { connection: 'steady', model: `${model}-1` },
          { connection, model: `${model}-2` },
        ]),
      );
    }
    const key = await issueKey(this.#portal, models);
    await this.#push(models, ([first]) => ({
      ...first,
      rollout: { strategy: 'immediate' },
    }));
    for (const model of models) {
      await untilDeployment(this.#portal, model, {
        what: 'to serve its first version',
        seconds: 60,
        holds: found =>
          hasShare(1, 100)(found) && found.convergence.state === 'serving',
      });
    }
    for (const { model, outcome } of plays) {
      this.#callers.set(
        model,
        new Callers({
          url: `http://localhost:${port + 1}`,
          key,
          model,
          outcome,
          perSecond: CALLERS_PER_SECOND,
        }).start(),
      );
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#callers.values()].map(each => each.stop()));
    await this.endpoint.stop();
  }

  /** Pushes the manifests of second versions, as a team does that works with Git. */
  rollOut(...models: string[]): Promise<void> {
    return this.#push(models, (versions, model) => ({
      ...versions[1],
      ...this.#plays.get(model)!.rollout(versions),
    }));
  }

  /** Callers have no more questions about it. */
  async quieten(model: string): Promise<void> {
    await this.#callers.get(model)!.stop();
  }

  /** When requests of callers failed: milliseconds since the epoch. */
  failedAt(model: string): number[] {
    return this.#callers.get(model)!.failedAt;
  }

  /** Waits until the second version has half of the traffic. */
  async untilShared(model: string): Promise<void> {
    await untilDeployment(this.#portal, model, {
      what: 'to share its traffic',
      seconds: 60,
      holds: hasShare(2, 50),
    });
  }

  /** @returns path of the page of the rollback that was opened by itself */
  async wayBack(model: string): Promise<string> {
    const { id } = await untilWayBack(this.#portal, model);
    return `/ai-registry/promotions/${id}`;
  }

  /** Ends the control plane the hard way; `npm start` starts it again. */
  killControlPlane(): void {
    const file = path.join(dataDirectory, 'run/control-plane.pid');
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
  }

  async #push(
    models: string[],
    specOf: (versions: Version[], model: string) => object,
  ): Promise<void> {
    await pushManifests(
      path.join(dataDirectory, 'git/environments.git'),
      models.map(model =>
        productionManifest(model, specOf(this.#versions.get(model)!, model)),
      ),
      `Run ${models.join(' and ')}`,
    );
  }
}

/** Whether the portal answers. */
export async function isPortalThere(): Promise<boolean> {
  return fetch(`http://localhost:${port}/.backstage/health/v1/readiness`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Versions that a data plane has taken the traffic from, as its metrics say. */
export async function brakedVersions(): Promise<string[]> {
  const response = await fetch(`http://localhost:${port + 3}/metrics`);
  const text = await response.text();
  return [...text.matchAll(/^greenroom_brake_pulled\{(.*)\} 1$/gm)].map(
    ([, labels]) => labels,
  );
}
