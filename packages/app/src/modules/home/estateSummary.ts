import type { Estate } from './useEstate';

type Summarized = {
  [K in 'models' | 'deployments' | 'moving' | 'waiting' | 'health']: Pick<
    Estate[K],
    'value'
  >;
};

/** The estate in one sentence, as far as it is known. */
export function estateSummary(estate: Summarized): string {
  const { models, deployments, moving, waiting, health } = estate;
  const parts: string[] = [];
  if (models.value) parts.push(count(models.value.totalItems, 'model'));
  if (deployments.value) {
    parts.push(count(deployments.value.totalItems, 'deployment'));
  }
  if (moving.value && moving.value.totalItems > 0) {
    parts.push(count(moving.value.totalItems, 'running rollout'));
  }
  if (waiting.value && waiting.value.items.length > 0) {
    parts.push(count(waiting.value.items.length, 'open promotion'));
  }
  if (health.value) {
    const bad = health.value.items.filter(
      ({ status }) => status === 'alert' || status === 'warning',
    ).length;
    parts.push(
      bad > 0 ? `${count(bad, 'model')} to look at` : 'no model to worry about',
    );
  }
  return parts.length > 0 ? parts.join(' · ') : 'Looking around…';
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
