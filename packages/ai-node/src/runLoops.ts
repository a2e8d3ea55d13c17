import type { LifecycleService } from '@backstage/backend-plugin-api';
import type { PollingLoop } from './PollingLoop';

/** Something that works in the background from a plugin's start to its end. */
export type Loop = Pick<PollingLoop, 'start' | 'stop'>;

/** Starts the loops when the plugin has started, and waits for their ends when it stops. */
export function runLoops(lifecycle: LifecycleService, loops: Loop[]): void {
  lifecycle.addStartupHook(() => loops.forEach(loop => loop.start()));
  lifecycle.addShutdownHook(async () => {
    await Promise.all(loops.map(loop => loop.stop()));
  });
}
