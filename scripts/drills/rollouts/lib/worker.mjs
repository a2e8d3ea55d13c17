// @ts-check
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

const require = createRequire(import.meta.url);
const { playInMemory } = require(workerData.file);

/** Plays one rollout after the other, each when it is asked for. */
parentPort?.on('message', ({ scene, seed }) => {
  parentPort?.postMessage(playInMemory(scene, seed));
});
