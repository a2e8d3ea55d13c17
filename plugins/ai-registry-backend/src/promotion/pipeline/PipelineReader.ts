import type {
  DesiredDeployment,
  Environments,
  Gate,
  Model,
  NextVersion,
  Pipeline,
  PipelineEnvironment,
  PipelineQuery,
  PipelineRow,
  PipelineStop,
} from '@greenroom/plugin-ai-registry-common';
import {
  type DesiredDeploymentStore,
  toDesired,
} from '../../environments/DesiredDeploymentStore';
import type { CallOptions, ModelService } from '../../models/ModelService';
import type { MergeCalendars } from '../gates/MergeCalendars';
import type { Gates } from '../gates/Gates';
import type { PromotionRecord } from '../promotion';
import type { PromotionStore } from '../PromotionStore';
import type { Stays } from '../Stays';
import { nextVersion } from './nextVersion';

const MOST_ROWS = 50;

export interface PipelineReaderOptions {
  deployments: Pick<DesiredDeploymentStore, 'listOf' | 'problemsOf'>;
  environments: Environments;
  calendars: MergeCalendars;
  gates: Pick<Gates, 'find'>;
  /** As the caller may see them. */
  models: Pick<ModelService, 'list'>;
  stays: Pick<Stays, 'find'>;
  store: Pick<PromotionStore, 'listUnderWay'>;
  now?: () => Date;
}

/** How versions move from environment to environment: a page of models, each with all of its stops. */
export class PipelineReader {
  readonly #options: PipelineReaderOptions;
  readonly #now: () => Date;

  constructor(options: PipelineReaderOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  async read(query: PipelineQuery, options: CallOptions): Promise<Pipeline> {
    const { deployments, environments, models, store } = this.#options;
    const page = await models.list(
      { ...query, limit: query.limit ?? MOST_ROWS },
      options,
    );
    const names = page.items.map(({ name }) => name);
    const [deployed, problems, underWay] = await Promise.all([
      deployments.listOf(names),
      deployments.problemsOf(names),
      store.listUnderWay(names),
    ]);
    const now = this.#now();
    const items = await Promise.all(
      page.items.map(model => {
        const own = <T extends { model: string }>(all: T[]) =>
          all.filter(one => one.model === model.name);
        return this.#row(model, {
          deployed: own(deployed).map(toDesired),
          problems: own(problems),
          underWay: own(underWay),
          now,
        });
      }),
    );
    return {
      environments: environments.all.map(({ name }) =>
        this.#environment(name, now),
      ),
      items,
      totalItems: page.totalItems,
      ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }),
    };
  }

  #environment(name: string, now: Date): PipelineEnvironment {
    const { environments, calendars } = this.#options;
    const { title, promotesFrom, newVersions } = environments.get(name);
    const freeze = calendars.find(name, now);
    return {
      name,
      title,
      ...(promotesFrom !== undefined && { promotesFrom }),
      ...(newVersions !== undefined && { newVersions }),
      ...(freeze && {
        freeze: {
          reason: freeze.reason,
          ...(freeze.until && { until: freeze.until.toISOString() }),
        },
      }),
    };
  }

  async #row(model: Model, known: Known): Promise<PipelineRow> {
    const { environments } = this.#options;
    const { name, title, owner, latestVersion } = model;
    return {
      model: { name, title, owner, latestVersion },
      stops: await Promise.all(
        environments.names.map(environment =>
          this.#stop(model, environment, known),
        ),
      ),
    };
  }

  async #stop(
    model: Model,
    environment: string,
    known: Known,
  ): Promise<PipelineStop> {
    const here = <T extends { environment: string }>(one: T) =>
      one.environment === environment;
    const deployment = known.deployed.find(here);
    const problem = known.problems.find(here);
    const promotion = known.underWay.find(here);
    const next = await this.#next(model, environment, known);
    return {
      environment,
      ...(deployment && { deployment }),
      ...(problem && { problem }),
      ...(promotion && { promotion: toUnderWay(promotion) }),
      ...(next && { next }),
    };
  }

  async #next(
    { name: model, latestVersion }: Model,
    environment: string,
    { deployed, now }: Known,
  ): Promise<NextVersion | undefined> {
    const { environments, gates, stays } = this.#options;
    const definition = environments.get(environment);
    const { promotesFrom } = definition;
    const at = (name: string) =>
      deployed.find(one => one.environment === name)?.version;
    const version =
      promotesFrom === undefined ? latestVersion : at(promotesFrom);
    const running = at(environment);
    // Nothing is asked of the ways of what runs already.
    if (version === undefined || version <= (running ?? 0)) return undefined;
    const place = { environment, kind: 'promotion' } as const;
    return nextVersion({
      environment: definition,
      offer: {
        version,
        stay:
          promotesFrom === undefined
            ? undefined
            : await stays.find({ model, environment: promotesFrom, version }),
      },
      running,
      asks: {
        path: gates.find('path', place)?.mode === 'required',
        soak: gates.find('soak', place)?.mode === 'required',
      },
      now,
    });
  }
}

/** What is known of a model. */
interface Known {
  deployed: DesiredDeployment[];
  problems: Awaited<ReturnType<DesiredDeploymentStore['problemsOf']>>;
  /** Newest first. */
  underWay: PromotionRecord[];
  now: Date;
}

function toUnderWay(
  record: PromotionRecord,
): NonNullable<PipelineStop['promotion']> {
  const { id, kind, version, state, automation, createdAt, gates } = record;
  return {
    id,
    kind,
    version,
    state,
    ...(automation && { automation }),
    createdAt,
    gates: gates.map(({ id: gate, title, status, until }: Gate) => ({
      id: gate,
      title,
      status,
      ...(until !== undefined && { until }),
    })),
  };
}
