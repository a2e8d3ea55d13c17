import type { AliasStore } from '../aliases/AliasStore';
import type { ServingState } from '../environments/ServingState';
import type { PromotionStore } from './PromotionStore';

/** How a version fared in an environment, the last time that it was there. */
export interface Stay {
  /** When it was asked for there; ISO 8601. */
  since: string;
  /** When something else was asked for; undefined while it is still meant to run there. */
  until?: string;
  /** From when on it had all traffic; undefined where it never had, or nobody knows. */
  servedFrom?: string;
  /**
   * `serving`: it has all traffic, or had it until it was replaced. `moving`: it is on its way.
   * `rejected`: it was taken back. `not-served`: no data plane has it.
   */
  state: 'serving' | 'moving' | 'rejected' | 'not-served';
  /** What is known of that, in a sentence. */
  note?: string;
  /** Whether it does not do what it should where it serves: it goes no further. */
  isUnverified?: true;
}

/** Knows from promotions, aliases and what data planes serve how versions fared in environments. */
export class Stays {
  readonly #aliases: Pick<AliasStore, 'lastChangeTo'>;
  readonly #promotions: Pick<PromotionStore, 'lastTo'>;
  readonly #serving: ServingState;

  constructor(options: {
    aliases: Pick<AliasStore, 'lastChangeTo'>;
    promotions: Pick<PromotionStore, 'lastTo'>;
    serving: ServingState;
  }) {
    this.#aliases = options.aliases;
    this.#promotions = options.promotions;
    this.#serving = options.serving;
  }

  async find(place: {
    model: string;
    environment: string;
    version: number;
  }): Promise<Stay | undefined> {
    const { model, environment: alias, version } = place;
    const moved = await this.#aliases.lastChangeTo({ model, alias, version });
    if (!moved) return undefined;
    const dates = { since: moved.validFrom, until: moved.validTo };
    // What was pushed has no promotion, or that of an earlier stay.
    const promotion = moved.promotionId
      ? await this.#promotions.lastTo(place)
      : undefined;
    if (promotion?.id === moved.promotionId && promotion?.state) {
      const { state } = promotion;
      if (state.phase === 'completed' && state.outcome.kind !== 'unknown') {
        const { kind, note } = state.outcome;
        const isServed = kind === 'serving';
        return {
          ...dates,
          ...(isServed && { servedFrom: state.completedAt }),
          state: kind === 'superseded' ? 'moving' : kind,
          note,
          ...(state.outcome.verification?.status === 'failed' && {
            isUnverified: true,
          }),
        };
      }
      if (state.phase === 'rolling-out') {
        return { ...dates, state: 'moving', note: state.waitingFor };
      }
    }
    return { ...dates, ...(await this.#lookAtPush(place, moved)) };
  }

  /** Nobody followed its rollout to the end: what counts is what is served now. */
  async #lookAtPush(
    place: { model: string; environment: string; version: number },
    { validFrom, validTo }: { validFrom: string; validTo?: string },
  ): Promise<Pick<Stay, 'state' | 'servedFrom' | 'note'>> {
    if (validTo !== undefined) return { state: 'moving' };
    const serving = await this.#serving.find(place);
    if (!serving || (serving.dataPlanes === 0 && !serving.onDemand)) {
      return { state: 'not-served', note: serving?.reason };
    }
    if (serving.state === 'rejected') {
      return { state: 'rejected', note: serving.reason };
    }
    const [only, ...others] = serving.variants;
    const isAlone = others.length === 0 && only?.version === place.version;
    return isAlone
      ? { state: 'serving', servedFrom: validFrom }
      : { state: 'moving', note: serving.reason };
  }
}
