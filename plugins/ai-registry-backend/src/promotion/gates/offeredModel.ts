import type { Offer } from '../../environments/ConnectionStates';

/** Of the offered ones, enough to see what was meant. */
const SHOWN_MODELS = 5;

/**
 * What it means that a service of the kind does not list a model. Kinds that are left out list
 * other things than what they are called by: deployments, endpoints and their variants, or a
 * part of what they serve.
 */
const UNLISTED = new Map<string, 'failed' | 'undecided'>([
  // It runs what is installed on the data plane, and refuses every other name.
  ['local', 'failed'],
  // Some serve aliases and revisions that they do not list.
  ['openai', 'undecided'],
  ['openai-compatible', 'undecided'],
]);

/** Services that do not list the model that a version names. */
export interface Unlisted {
  /** `failed` where one of them is sure not to serve it. */
  status: 'failed' | 'undecided';
  /** Which ones, and what they offer; without a full stop. */
  why: string;
}

/** @returns undefined where nothing says that the model is missing */
export function findUnlisted(
  model: string,
  offers: readonly Offer[],
): Unlisted | undefined {
  const missing = offers.flatMap(offer => {
    const status = UNLISTED.get(offer.kind);
    return status && offer.isComplete && !offer.models.includes(model)
      ? { status, offer }
      : [];
  });
  if (missing.length === 0) return undefined;
  return {
    status: missing.some(({ status }) => status === 'failed')
      ? 'failed'
      : 'undecided',
    why: missing.map(({ offer }) => describe(offer)).join('; '),
  };
}

function describe({ name, kind, models }: Offer): string {
  const shown = models.slice(0, SHOWN_MODELS).map(model => `'${model}'`);
  const others = models.length - shown.length;
  const list = [...shown, ...(others > 0 ? [`${others} more`] : [])];
  return `'${name}' (${kind}) lists ${list.join(', ') || 'no models'}`;
}
