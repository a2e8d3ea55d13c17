// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { describeLoad, failuresOf, SMALL } from './Story.mjs';

export const awayScenes = [
  {
    name: 'the API server is away',
    isSmoke: true,
    /** @param {import('./scenes.mjs').Scene} scene */
    async play({ story, cluster, check, smoke }) {
      const version = await story.register(SMALL);
      const load = story.call();
      const begun = Date.now();
      await cluster.stopApi();
      const said = await story.untilLine(
        'production',
        ({ problem }) =>
          /cannot be reached|does not answer/.test(problem ?? ''),
        { seconds: 150 },
      );
      check(
        'the line of what runs says that the cluster is away, and that it runs',
        said.holds && said.value.state === 'running',
        `${said.seconds.toFixed(0)} s: ${JSON.stringify(said.value)}`,
      );
      // What runs already takes it; what is to be made waits.
      const id = await story.merge(version);
      const here = await story.untilEnded(id);
      check(
        'what is merged meanwhile is served by the pods that run',
        here.state.outcome?.kind === 'serving',
        here.state.outcome?.note,
      );
      const other = await story.merge(version, { environment: 'staging' });
      const why = await story.untilPromotion(
        other,
        ({ steps }) =>
          /cannot be reached|does not answer/.test(
            steps.find(({ name }) => name === 'await-rollout')?.waitingFor ??
              '',
          ),
        { seconds: 90 },
      );
      check(
        'a promotion to pods that are not there yet waits, and says for what',
        why.holds,
        why.value.steps.find(({ name }) => name === 'await-rollout')
          ?.waitingFor,
      );
      const awayMillis = smoke ? 10_000 : 600_000;
      await sleep(Math.max(0, awayMillis - (Date.now() - begun)));
      const afterSeconds = Math.round((Date.now() - begun) / 1_000);
      await cluster.startApi();
      const end = await story.untilEnded(other, { seconds: 400 });
      check(
        `it goes on by itself when the cluster is back after ${afterSeconds} s`,
        end.state.outcome?.kind === 'serving',
        end.state.outcome?.note,
      );
      const quiet = await story.untilLine(
        'production',
        ({ state, problem }) => state === 'running' && problem === undefined,
        { seconds: 330 },
      );
      check(
        'nothing is left of it on the page',
        quiet.holds,
        JSON.stringify(quiet.value),
      );
      await load.stop();
      const both = [
        await story.agreement('staging'),
        await story.agreement('production'),
      ];
      check(
        'main, the alias, what is wanted and what serves agree in both environments',
        both.every(({ holds, version: served }) => holds && served === version),
        both.map(({ detail }) => detail).join('; '),
      );
      check(
        'nobody who called has seen an error',
        failuresOf(load) === 0 && load.answered > 0,
        describeLoad(load),
      );
    },
  },
  {
    name: "the cluster's token holds no more",
    isSmoke: true,
    /** @param {import('./scenes.mjs').Scene} scene */
    async play({ story, cluster, check }) {
      const load = story.call();
      await cluster.endToken();
      const said = await story.untilLine(
        'production',
        ({ problem }) => /token/.test(problem ?? ''),
        { seconds: 150 },
      );
      check(
        'the line says that the token does not hold, and where another one belongs',
        said.holds &&
          said.value.state === 'running' &&
          /aiInference\.kubernetes\.tokenFiles/.test(said.value.problem),
        `${said.seconds.toFixed(0)} s: ${JSON.stringify(said.value)}`,
      );
      const version = await story.register(SMALL);
      const {
        state: { outcome },
      } = await story.untilEnded(await story.merge(version));
      check(
        'what is merged meanwhile is served by the pods that run',
        outcome?.kind === 'serving',
        outcome?.note,
      );
      await cluster.renewToken();
      const quiet = await story.untilLine(
        'production',
        ({ state, problem }) => state === 'running' && problem === undefined,
        { seconds: 120 },
      );
      check(
        'with another token it goes on by itself',
        quiet.holds,
        `${quiet.seconds.toFixed(0)} s: ${JSON.stringify(quiet.value)}`,
      );
      await load.stop();
      const agreement = await story.agreement();
      check(
        'main, the alias, what is wanted and what serves agree',
        agreement.holds && agreement.version === version,
        agreement.detail,
      );
      check(
        'nobody who called has seen an error',
        failuresOf(load) === 0 && load.answered > 0,
        describeLoad(load),
      );
    },
  },
];
