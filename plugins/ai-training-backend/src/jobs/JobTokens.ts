import type { IssuedTokens, TokenScope } from '@greenroom/ai-node';
import {
  aiDatasetDownloadPermission,
  aiDatasetReadPermission,
  aiModelReadPermission,
  aiVersionRegisterPermission,
} from '@greenroom/plugin-ai-registry-common';
import {
  aiExperimentReadPermission,
  aiRunWritePermission,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';

/** Longer than the control plane is away when it is made anew: the program goes on meanwhile. */
const LIFETIME_MILLIS = 6 * 60 * 60_000;
const RENEW_AFTER_MILLIS = 10 * 60_000;

/** Tokens that programs of attempts call the control plane with: they end with the attempt. */
export class JobTokens {
  readonly #tokens: Pick<IssuedTokens, 'lend' | 'renew' | 'takeBack'>;
  readonly #renewedMillis = new Map<string, number>();

  constructor(options: {
    tokens: Pick<IssuedTokens, 'lend' | 'renew' | 'takeBack'>;
  }) {
    this.#tokens = options.tokens;
  }

  /** Names it first, so that one that is lent is always known. */
  async lend(
    name: string,
    job: Pick<TrainingJob, 'experiment' | 'datasets' | 'spec'>,
  ): Promise<string> {
    const { secret } = await this.#tokens.lend({
      name,
      scopes: scopesOf(job),
      lifetimeMillis: LIFETIME_MILLIS,
    });
    this.#renewedMillis.set(name, performance.now());
    return secret;
  }

  /** Lets those go on that are in use, which are all that there are. */
  async renew(names: readonly string[]): Promise<void> {
    const nowMillis = performance.now();
    const inUse = new Set(names);
    for (const name of this.#renewedMillis.keys()) {
      if (!inUse.has(name)) this.#renewedMillis.delete(name);
    }
    const due = names.filter(
      name =>
        nowMillis - (this.#renewedMillis.get(name) ?? -Infinity) >
        RENEW_AFTER_MILLIS,
    );
    if (due.length === 0) return;
    await this.#tokens.renew(due, LIFETIME_MILLIS);
    due.forEach(name => this.#renewedMillis.set(name, nowMillis));
  }

  async takeBack(names: readonly string[]): Promise<void> {
    for (const name of names) await this.#tokens.takeBack(name);
  }
}

function scopesOf({
  experiment,
  datasets,
  spec,
}: Pick<TrainingJob, 'experiment' | 'datasets' | 'spec'>): TokenScope[] {
  const onExperiment = [`*/${experiment}`];
  const onDatasets = datasets.map(({ dataset }) => `*/${dataset}`);
  const onModel = spec.model === undefined ? [] : [`*/${spec.model}`];
  return [
    { permission: aiExperimentReadPermission.name, on: onExperiment },
    { permission: aiRunWritePermission.name, on: onExperiment },
    ...[aiDatasetReadPermission, aiDatasetDownloadPermission].map(
      ({ name }) => ({ permission: name, on: onDatasets }),
    ),
    ...[aiModelReadPermission, aiVersionRegisterPermission].map(({ name }) => ({
      permission: name,
      on: onModel,
    })),
  ].filter(({ on }) => on.length > 0);
}
