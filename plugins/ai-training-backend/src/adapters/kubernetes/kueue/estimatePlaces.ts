import { type Workload, workloadCondition } from './Workload';

/** Where a Workload waits. */
export interface QueuePlace {
  /** In its LocalQueue; 1 is the next one. */
  position: number;
  /** How many wait before it for the same quotas, those of other LocalQueues among them; undefined where nobody says. */
  before?: number;
  /** Whether it was counted here, and Kueue may see it differently. */
  isEstimate?: true;
}

/**
 * Where Workloads wait, as Kueue orders them: by priority, then by age. It may try a later one first where an earlier one
 * does not fit, or order them by what their queues have used; that is not known here.
 *
 * @param workloads - all of a namespace
 * @returns by uid, of those that wait
 */
export function estimatePlaces(
  workloads: readonly Workload[],
): Map<string, QueuePlace> {
  const places = new Map<string, QueuePlace>();
  const counts = new Map<string, number>();
  for (const { spec, metadata } of workloads.filter(isWaiting).sort(inOrder)) {
    const queue = spec?.queueName ?? '';
    const position = (counts.get(queue) ?? 0) + 1;
    counts.set(queue, position);
    places.set(metadata?.uid ?? '', { position, isEstimate: true });
  }
  return places;
}

function isWaiting(workload: Workload): boolean {
  return (
    workload.spec?.active !== false &&
    !['QuotaReserved', 'Finished'].some(type =>
      workloadCondition(workload, type),
    )
  );
}

function inOrder(a: Workload, b: Workload): number {
  const timeOf = ({ metadata }: Workload) =>
    new Date(metadata?.creationTimestamp ?? 0).getTime();
  return (
    (b.spec?.priority ?? 0) - (a.spec?.priority ?? 0) ||
    timeOf(a) - timeOf(b) ||
    (a.metadata?.name ?? '').localeCompare(b.metadata?.name ?? '', 'en')
  );
}
