import type { FlavorUse } from '@greenroom/plugin-ai-training-common';
import { money } from '../jobs/words';
import { idleOf } from '../queue/queueView';

export interface FlavorChoice {
  id: string;
  label: string;
}

/** Backends that flavors are known of. */
export function backendsOf(uses: readonly FlavorUse[]): string[] {
  return [...new Set(uses.map(({ backend }) => backend))];
}

/**
 * Flavors to choose from, with what is free of them and what they cost.
 *
 * @param backend - '' stands for the default one, which may have any of them
 * @param chosen - is among them, whatever there is
 */
export function flavorChoices(
  uses: readonly FlavorUse[],
  backend: string,
  chosen: string,
): FlavorChoice[] {
  const those = uses.filter(use => backend === '' || use.backend === backend);
  const choices = new Map<string, FlavorChoice>();
  for (const use of those) {
    if (choices.has(use.flavor)) continue;
    choices.set(use.flavor, { id: use.flavor, label: labelOf(use) });
  }
  if (chosen !== '' && !choices.has(chosen)) {
    choices.set(chosen, { id: chosen, label: chosen });
  }
  return [{ id: '', label: 'Whatever there is' }, ...choices.values()];
}

/** What an hour of a job costs; undefined where its flavor is not chosen or has no price. */
export function priceOf(
  uses: readonly FlavorUse[],
  wanted: { backend: string; flavor: string; count: string; nodes: string },
): { amount: number; currency: string } | undefined {
  const use = uses.find(
    ({ backend, flavor }) =>
      flavor === wanted.flavor &&
      (wanted.backend === '' || backend === wanted.backend),
  );
  const units = Number(wanted.count) * Number(wanted.nodes);
  if (!use?.pricePerHour || !Number.isSafeInteger(units) || units < 1) {
    return undefined;
  }
  const { amount, currency } = use.pricePerHour;
  return { amount: amount * units, currency };
}

function labelOf(use: FlavorUse): string {
  const { flavor, title, capacity, pricePerHour } = use;
  const idle = idleOf(use);
  const facts = [
    ...(idle ? [`${idle.units} of ${capacity} free`] : []),
    ...(pricePerHour
      ? [`${money(pricePerHour.amount, pricePerHour.currency)} an hour`]
      : []),
  ];
  const name = title === flavor ? flavor : `${title} (${flavor})`;
  return facts.length === 0 ? name : `${name}: ${facts.join(', ')}`;
}
