import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type { RunPage, RunQuery } from '@greenroom/plugin-ai-training-common';
import type { CallOptions } from '../callOptions';
import type { ExperimentGuard } from '../experiments/ExperimentGuard';
import type { OwnerCondition } from '../permissions';
import type { RunStore } from './RunStore';

/** Finds runs. */
export interface RunFinder {
  /** @returns values of `runs.id`, in order */
  search(query: {
    experimentIds: readonly string[];
    filter?: string;
    orderBy?: readonly string[];
    viewType?: 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';
    maxResults?: number;
    pageToken?: string;
    visible?: PermissionCriteria<OwnerCondition>;
  }): Promise<{ runs: (string | number)[]; nextPageToken?: string }>;
}

const DEFAULT_LIMIT = 50;

/** Runs of experiments, for a page of the portal. */
export class RunLists {
  readonly #runs: Pick<RunStore, 'getMany'>;
  readonly #finder: RunFinder;
  readonly #guard: Pick<ExperimentGuard, 'requireRead'>;

  constructor(options: {
    runs: Pick<RunStore, 'getMany'>;
    finder: RunFinder;
    guard: Pick<ExperimentGuard, 'requireRead'>;
  }) {
    this.#runs = options.runs;
    this.#finder = options.finder;
    this.#guard = options.guard;
  }

  /** @throws NotFoundError when there is no such experiment */
  async list(query: RunQuery, options: CallOptions): Promise<RunPage> {
    const { experiment, filter, orderBy, cursor } = query;
    await this.#guard.requireRead([experiment], options);
    const { runs, nextPageToken } = await this.#finder.search({
      experimentIds: [experiment],
      filter,
      orderBy,
      viewType: query.lifecycle === 'deleted' ? 'DELETED_ONLY' : 'ACTIVE_ONLY',
      maxResults: query.limit ?? DEFAULT_LIMIT,
      pageToken: cursor,
    });
    return {
      items: await this.#runs.getMany(runs),
      ...(nextPageToken !== undefined && { nextCursor: nextPageToken }),
    };
  }
}
