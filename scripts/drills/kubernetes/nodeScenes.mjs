// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { CALLERS, describeLoad, failuresOf, SLOWLY, SMALL } from './Story.mjs';

export const nodeScenes = [
  {
    name: 'a pod is evicted, and a node is lost, in the middle of a rollout',
    /** @param {import('./scenes.mjs').Scene} scene */
    async play({ story, cluster, check }) {
      const version = await story.register(SMALL);
      const load = story.call();
      const id = await story.merge(version, { rollout: SLOWLY });
      const canary = await story.untilDeployment(({ plannedVariants }) =>
        plannedVariants.some(
          variant =>
            variant.version === version && variant.weightPercent === 10,
        ),
      );
      check('the canary is under way', canary.holds);
      const [pod] = await cluster.pods('production');
      await cluster.core.createNamespacedPodEviction({
        name: pod.metadata?.name ?? '',
        namespace: pod.metadata?.namespace ?? '',
        body: { metadata: { name: pod.metadata?.name } },
      });
      const whole = await story.untilLine(
        'production',
        ({ state, replicas }) => state === 'running' && replicas?.ready === 2,
        { seconds: 90 },
      );
      check('another pod takes its place', whole.holds);
      const evicted = failuresOf(load);
      check(
        'the eviction costs no request',
        evicted === 0,
        `${load.answered} answered, ${evicted} failed`,
      );
      const before = await cluster.pods('production');
      const lost = await cluster.loseNode();
      const there = before.filter(
        ({ spec }) => spec?.nodeName === lost.name,
      ).length;
      await sleep(5_000);
      await lost.forget();
      const {
        state: { outcome },
      } = await story.untilEnded(id, { seconds: 180 });
      check(
        'the rollout comes to its end',
        outcome?.kind === 'serving',
        outcome?.note,
      );
      const again = await story.untilLine(
        'production',
        ({ state, replicas }) => state === 'running' && replicas?.ready === 2,
        { seconds: 120 },
      );
      check(
        'its pods run on the node that is left',
        again.holds,
        JSON.stringify(again.value),
      );
      const agreement = await story.agreement();
      await load.stop();
      check(
        'main, the alias, what is wanted and what serves agree',
        agreement.holds && agreement.version === version,
        agreement.detail,
      );
      const failed = failuresOf(load) - evicted;
      check(
        'the node costs what was in its pods: at most one request of each caller',
        failed <= CALLERS,
        `it had ${there} of ${before.length}: ${describeLoad(load)}`,
      );
    },
  },
];
