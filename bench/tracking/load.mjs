// @ts-check

/**
 * Users who each ask again when they have an answer.
 *
 * @param {import('./Side.mjs').Side} side
 * @param {() => import('./cases.mjs').Request} next
 * @param {{ users: number, seconds: number }} options
 * @returns {Promise<{ answers: number, perSecond: number, meanMillis: number, p95Millis: number, failures: number, failure?: string }>}
 */
export async function load(side, next, { users, seconds }) {
  const millis = [];
  let failures = 0;
  let failure;
  const began = performance.now();
  const end = began + seconds * 1_000;
  await Promise.all(
    Array.from({ length: users }, async () => {
      while (performance.now() < end) {
        const start = performance.now();
        try {
          await side.send(next());
          millis.push(performance.now() - start);
        } catch (error) {
          failures += 1;
          failure ??= String(error);
        }
      }
    }),
  );
  const took = (performance.now() - began) / 1_000;
  millis.sort((a, b) => a - b);
  const sum = millis.reduce((total, each) => total + each, 0);
  return {
    answers: millis.length,
    perSecond: millis.length / took,
    meanMillis: sum / Math.max(1, millis.length),
    p95Millis: millis[Math.floor(millis.length * 0.95)] ?? NaN,
    failures,
    failure,
  };
}
