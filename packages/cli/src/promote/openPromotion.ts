import type {
  AiRegistryClient,
  Promotion,
} from '@greenroom/plugin-ai-registry-common';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError, EXIT_CODES } from '../CommandError';
import { statusOf } from '../portal/Portal';

const CONFLICT = 409;
/** A Git host that is away holds a merge up for long, and each refusal goes into the portal's audit log. */
const LONGEST_PAUSE_MILLIS = 30_000;

/**
 * Opens a promotion, or finds the one that is open for this version: asked once more, it would take the place of the one
 * that people may have approved. While another version is being merged there, which nobody can stop any more, it waits.
 *
 * @throws CommandError when that takes too long
 */
export async function openPromotion(options: {
  registry: Pick<AiRegistryClient, 'listPromotions' | 'promote'>;
  wanted: Pick<Promotion, 'model' | 'version' | 'environment' | 'reason'>;
  timeoutMillis: number;
  /** Before it asks for the second time; more each time, up to half a minute. */
  pollMillis: number;
  say(text: string): void;
}): Promise<{ promotion: Promotion; isNew: boolean }> {
  const { registry, wanted, timeoutMillis, pollMillis, say } = options;
  const endMillis = performance.now() + timeoutMillis;
  let waitedFor: string | undefined;
  let pauseMillis = pollMillis;
  for (;;) {
    const open = await findOpen(registry, wanted);
    const known = open.find(
      ({ kind, version }) => kind === 'promotion' && version === wanted.version,
    );
    if (known) return { promotion: known, isNew: false };
    try {
      return { promotion: await registry.promote(wanted), isNew: true };
    } catch (error) {
      if (statusOf(error) !== CONFLICT) throw error;
      // It may have begun, or ended, between the two.
      const merging =
        open.find(isMerging) ??
        (await findOpen(registry, wanted)).find(isMerging);
      if (!merging) throw error;
      const { id, version } = merging;
      if (performance.now() + pauseMillis > endMillis) {
        throw new CommandError(
          `version ${version} is still being merged into ${wanted.environment} (promotion ${id}): ask again when that is done, or wait longer with --timeout`,
          EXIT_CODES.timedOut,
        );
      }
      if (id !== waitedFor) {
        say(
          `waiting: version ${version} is being merged into ${wanted.environment}, by the promotion ${id}`,
        );
      }
      waitedFor = id;
    }
    await sleep(pauseMillis);
    pauseMillis = Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
  }
}

function isMerging({ state }: Promotion): boolean {
  return state.phase === 'merging';
}

async function findOpen(
  registry: Pick<AiRegistryClient, 'listPromotions'>,
  { model, environment }: Pick<Promotion, 'model' | 'environment'>,
): Promise<Promotion[]> {
  const { items } = await registry.listPromotions({
    model,
    environment,
    open: true,
  });
  return items;
}
