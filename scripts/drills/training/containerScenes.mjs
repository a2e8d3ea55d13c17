// @ts-check
import { STEPS_A_SECOND } from './TrainingStory.mjs';
import { Containers } from './Containers.mjs';

/** What the cluster's kubelets do there otherwise. */
const NOT_PROVEN =
  'NOT PROVEN, since no container engine answers here (docker, podman, or what GREENROOM_CONTAINER_ENGINE names): that programs run with a read-only root, as a user of their own and without capabilities; that a container is told to end when its job is cancelled or its pod evicted; that the next one goes on from its checkpoint; and that no container is left';

export const containerScenes = [
  {
    name: 'programs are containers',
    /** @param {import('./failureScenes.mjs').Scene} scene */
    async play({ story, cluster, check, say }) {
      const containers = Containers.find();
      if (!containers) {
        say(NOT_PROVEN);
        return;
      }
      say(`with ${containers.name}`);
      await cluster.startMachine({
        wrap: containers.wrapper({ shared: story.ledger }),
      });
      try {
        const steps = 6 * STEPS_A_SECOND;
        const runs = await story.submit('contained', steps);
        const evicted = await story.submit('contained', steps);
        const cancelled = await story.submit('contained', 60 * STEPS_A_SECOND);
        await story.untilBegun(evicted);
        const [pod] = await cluster.podsOf(evicted);
        await cluster.evict(pod);
        await story.untilBegun(cancelled);
        await story.ada.insist(`/ai-training/jobs/${cancelled}/cancel`, {
          method: 'POST',
          body: {},
        });
        const first = await story.verdict(runs, { steps, attempts: 1 });
        check('a job ends once', first.holds, first.detail);
        const log = await story.ada.insist(`/ai-training/jobs/${runs}/log`, {
          asText: true,
        });
        const said = /^contained (.*)$/m.exec(log)?.[1] ?? '{}';
        const { user, capabilities, writesRoot } = JSON.parse(said);
        check(
          'it runs with a read-only root, as its own user, and may do nothing else',
          user === 65_532 && writesRoot === false && /^0+$/.test(capabilities),
          said,
        );
        const second = await story.verdict(evicted, { steps, attempts: 2 });
        check(
          'one whose pod is evicted goes on from its checkpoint in another container',
          second.holds && second.job.attempts[0].end?.kind === 'evicted',
          second.detail,
        );
        const { state } = await story.untilEnded(cancelled);
        check(
          'one that is cancelled is told to end, and ends',
          state.phase === 'cancelled' &&
            story.noted(cancelled, 'told') === 1 &&
            story.noted(cancelled, 'end') === 0,
          JSON.stringify(state),
        );
        const left = containers.left();
        check('no container is left', left.length === 0, left.join(', '));
      } finally {
        containers.removeAll();
      }
    },
  },
];
