// @ts-check
import { and, explained } from './explained.mjs';

/** The control plane is killed once, when a step is under way or has just been taken. */
const killedAt = step => ({
  name: `killed at '${step}'`,
  async play({ stack, promotions }) {
    await promotions.register();
    const { id } = await promotions.open();
    let isKilled = false;
    const kill = async ({ steps, state }) => {
      const found = steps.find(one => one.name === step);
      const isThere =
        step === 'await-review'
          ? state.phase === 'awaiting-review'
          : found && found.status !== 'pending';
      if (isKilled || !isThere) return;
      isKilled = true;
      await stack.controlPlane.kill('SIGKILL');
      await stack.controlPlane.start();
    };
    const end = await promotions.approveToTheEnd(id, { look: kill });
    return and(explained(end, 'completed'), isKilled, '');
  },
});

/**
 * The control plane is killed once GitHub has done something, and before anybody has heard of it.
 *
 * @param {string} name
 * @param {{ done: string, times?: number }} options - `done` is the method of the stand-in that does it; `times`:
 *   the how many-th one of the promotion it is, the first one when left out
 */
const killedAfter = (name, { done, times = 1 }) => ({
  name,
  async play({ stack, promotions }) {
    await promotions.register();
    const { pulls } = stack.github;
    const real = pulls[done];
    let left = times;
    let started;
    const kill = () => {
      started = stack.controlPlane
        .kill('SIGKILL')
        .then(() => stack.controlPlane.start());
    };
    const isDone = () => {
      left -= 1;
      if (left > 0) return;
      pulls[done] = real;
      kill();
    };
    pulls[done] = (...asked) => {
      const result = real.apply(pulls, asked);
      if (!(result instanceof Promise)) {
        isDone();
        return result;
      }
      // What GitHub refuses, it has not done.
      return result.then(value => {
        isDone();
        return value;
      });
    };
    try {
      const { id } = await promotions.open();
      const end = await promotions.approveToTheEnd(id);
      await started;
      return and(explained(end, 'completed'), started !== undefined, '');
    } finally {
      pulls[done] = real;
    }
  },
});

/** @param {string[]} steps - names of those that a promotion takes */
export const killScenes = steps => [
  ...steps.map(killedAt),
  killedAfter('killed when the branch was just pushed', { done: 'afterPush' }),
  killedAfter('killed when the pull request was just opened', { done: 'open' }),
  killedAfter('killed when the evidence was just published', { done: 'edit' }),
  killedAfter('killed when the approval was just told', { done: 'comment' }),
  killedAfter('killed when GitHub has just merged', { done: 'merge' }),
  killedAfter('killed when the branch was just removed', {
    done: 'afterPush',
    times: 2,
  }),
];
