// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { STEPS_A_SECOND } from './TrainingStory.mjs';

/**
 * @typedef {object} Scene
 * @property {import('./TrainingStory.mjs').TrainingStory} story
 * @property {import('./TrainingStage.mjs').TrainingStage} cluster
 * @property {boolean} smoke
 * @property {(what: string, holds: boolean, detail?: string) => void} check
 * @property {(text: string) => void} say
 */

const AWAY_SECONDS = 600;
const SMOKE_AWAY_SECONDS = 8;
/** After so long what was known of a cluster is too old to go by. */
const OLD_SECONDS = 60;
const SKEWS_MINUTES = [10, -10];
/** By the clock, on a machine that has much else to do: it must not hang. */
const SLOW_MILLIS = 5_000;

export const failureScenes = [
  {
    name: 'the API server is away',
    isSmoke: true,
    /** @param {Scene} scene */
    async play({ story, cluster, smoke, check }) {
      const seconds = smoke ? SMOKE_AWAY_SECONDS : AWAY_SECONDS;
      const long = (seconds + 5) * STEPS_A_SECOND;
      const short = 2 * STEPS_A_SECOND;
      const through = await story.submit('count', long);
      const ends = await story.submit('count', short);
      await story.untilBegun(through);
      await story.untilBegun(ends);
      await cluster.stopApi();
      const begun = performance.now();
      const health = story.sampleHealth(through);
      const waits = await story.submit('count', short);
      if (!smoke) {
        const late = await story.submit('count', short);
        const { state } = await story.until(
          late,
          ({ state: now }) => now.reason?.kind === 'backend-away',
          { seconds: 3 * OLD_SECONDS },
        );
        check(
          'a job that waits says that the cluster is away',
          state.reason?.kind === 'backend-away',
          JSON.stringify(state),
        );
        await story.ada.insist(`/ai-training/jobs/${late}/cancel`, {
          method: 'POST',
          body: {},
        });
      }
      const leftMillis = seconds * 1_000 - (performance.now() - begun);
      await sleep(Math.max(0, leftMillis));
      const meanwhile = await story.job(through);
      const answers = await health.stop();
      check(
        'what runs is said to run, and pages are read',
        meanwhile.state.phase === 'running' &&
          answers.failures === 0 &&
          answers.p95Millis < SLOW_MILLIS,
        `${meanwhile.state.phase}; ${answers.text}`,
      );
      await cluster.startApi();
      for (const [what, id, steps] of [
        ['a job that runs all the time', through, long],
        ['one whose program ends meanwhile', ends, short],
        ['one that is asked for meanwhile', waits, short],
      ]) {
        const { holds, detail } = await story.verdict(id, {
          steps,
          attempts: 1,
        });
        check(`${what} ends once, after one attempt`, holds, detail);
      }
    },
  },
  {
    name: 'a pod is evicted',
    /** @param {Scene} scene */
    async play({ story, cluster, check }) {
      const steps = 8 * STEPS_A_SECOND;
      const id = await story.submit('count', steps);
      await story.untilBegun(id);
      const [pod] = await cluster.podsOf(id);
      await cluster.evict(pod);
      await checkGoesOn({ story, check, id, steps, kinds: ['evicted'] });
    },
  },
  {
    name: 'a node is gone',
    /** @param {Scene} scene */
    async play({ story, cluster, check }) {
      const steps = 10 * STEPS_A_SECOND;
      const ids = [
        await story.submit('count', steps),
        await story.submit('count', steps),
      ];
      const nodes = [];
      for (const id of ids) {
        await story.untilBegun(id);
        const [pod] = await cluster.podsOf(id);
        nodes.push(pod.spec?.nodeName);
      }
      await cluster.loseMachine(nodes[0]);
      await cluster.startMachine();
      for (const [at, id] of ids.entries()) {
        if (nodes[at] === nodes[0]) {
          await checkGoesOn({
            story,
            check,
            id,
            steps,
            kinds: ['evicted', 'lost'],
          });
        } else {
          const other = await story.verdict(id, { steps, attempts: 1 });
          check('a job on another node goes on', other.holds, other.detail);
        }
      }
    },
  },
  {
    name: "the control plane's clock is ten minutes off",
    /** @param {Scene} scene */
    async play({ story, cluster, check }) {
      for (const minutes of SKEWS_MINUTES) {
        const long = 60 * STEPS_A_SECOND;
        const through = await story.submit('count', long);
        await story.untilBegun(through);
        await story.startWithClock(minutes);
        const steps = 8 * STEPS_A_SECOND;
        const evicted = await story.submit('count', steps);
        await story.untilBegun(evicted);
        const [pod] = await cluster.podsOf(evicted);
        await cluster.evict(pod);
        const of = `with ${minutes} minutes: `;
        const first = await story.verdict(through, {
          steps: long,
          attempts: 1,
        });
        check(`${of}a job that ran before goes on`, first.holds, first.detail);
        await checkGoesOn({
          story,
          check: (what, holds, detail) => check(`${of}${what}`, holds, detail),
          id: evicted,
          steps,
          kinds: ['evicted'],
        });
      }
      await story.startWithClock(0);
    },
  },
];

/** What no program is to blame for is tried again, and goes on where it was. */
async function checkGoesOn({ story, check, id, steps, kinds }) {
  const { job, holds, detail } = await story.verdict(id, {
    steps,
    attempts: 2,
  });
  check(
    'a job that loses its place goes on from its checkpoint, and ends once',
    holds && kinds.includes(job.attempts[0].end?.kind),
    detail,
  );
}
