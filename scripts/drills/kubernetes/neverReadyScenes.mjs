// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CALLERS,
  cutOffOf,
  describeLoad,
  failuresOf,
  LARGE,
  SLOWLY,
  waitUntil,
} from './Story.mjs';

/** A large file goes to the store, to a trial and to each pod, also on a small machine. */
const PATIENCE_SECONDS = 180;
/** Longer than a pod needs to load what it cannot hold. */
const SETTLE_MILLIS = 15_000;
const CANNOT_LOAD = /could not load version \d+: .*has ended/;

const waitingOf = steps =>
  steps.find(({ name }) => name === 'await-rollout')?.waitingFor ?? '';

export const neverReadyScenes = [
  {
    name: 'a version that needs more memory than its pods have, which end of it',
    isSmoke: true,
    /** @param {import('./scenes.mjs').Scene} scene */
    async play({ story, cluster, check }) {
      const version = await story.register(LARGE);
      const begun = await cluster.countPods('production');
      const before = story.call();
      const id = await story.merge(version, { rollout: SLOWLY });
      const waiting = await story.untilDeployment(
        ({ convergence }) =>
          convergence.state === 'waiting' &&
          CANNOT_LOAD.test(convergence.reason),
        { seconds: PATIENCE_SECONDS },
      );
      const { convergence } = waiting.value;
      check(
        "the deployment's page says which data plane cannot load it, and when it is tried again",
        waiting.holds &&
          /tries it again at \d\d:\d\d:\d\d UTC/.test(convergence.reason),
        convergence.reason,
      );
      const back = await story.untilLine(
        'production',
        ({ replicas }) => replicas?.ready === 2,
      );
      check('its pods run again, without it', back.holds);
      // One of them may be a moment behind the other.
      const first = await waitUntil(
        () => cluster.countPods('production'),
        ({ ready, ends }) => ready === 2 && ends >= begun.ends + 2,
        PATIENCE_SECONDS,
      );
      await story.untilAnswered();
      await before.stop();
      const load = story.call();
      const page = await story.untilPromotion(id, ({ steps }) =>
        CANNOT_LOAD.test(waitingOf(steps)),
      );
      check(
        "the promotion's page says it, too",
        page.holds,
        waitingOf(page.value.steps),
      );
      const { state } = await story.untilEnded(id, {
        seconds: PATIENCE_SECONDS,
      });
      const { outcome } = state;
      check(
        'it is given up, and the promotion says why and what is done about it',
        state.phase === 'completed' &&
          outcome?.kind === 'rejected' &&
          /by its deadline: .*has ended.*Git goes back to version \d+/s.test(
            outcome.note,
          ),
        outcome?.note,
      );
      const { rollback } = await story.rollbackOf(id);
      if (rollback) await story.untilEnded(rollback.id);
      const { pull } = await story.rollbackOf(id);
      check(
        'a pull request takes it back on GitHub, and is merged',
        Boolean(pull?.mergedAt),
        pull ? `pull request ${pull.number}: ${pull.title}` : 'none',
      );
      const agreement = await story.agreement();
      // A try that began before it was taken back may still end its pod.
      await sleep(SETTLE_MILLIS);
      await waitUntil(
        () => cluster.countPods('production'),
        ({ ready }) => ready === 2,
        PATIENCE_SECONDS,
      );
      await load.stop();
      check(
        'main, the alias, what is wanted and what serves agree on the version before',
        agreement.holds && agreement.version === version - 1,
        agreement.detail,
      );
      const { ends } = await cluster.countPods('production');
      const firstEnds = first.value.ends - begun.ends;
      check(
        'what it ends at first costs those who call what was in each pod: at most one request of each caller',
        first.holds && cutOffOf(before) <= CALLERS * firstEnds,
        `${firstEnds} ends: ${describeLoad(before)}`,
      );
      const laterEnds = ends - first.value.ends;
      check(
        'what it ends when it is tried again costs no more, and a pod is there for all others',
        load.answered > 0 &&
          cutOffOf(load) <= CALLERS * laterEnds &&
          failuresOf(load) === cutOffOf(load),
        `${laterEnds} ends: ${describeLoad(load)}`,
      );
    },
  },
];
