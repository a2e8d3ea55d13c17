// @ts-check
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A whole portal and a real control plane of Kubernetes with simulated nodes: how many jobs a second come from a request to a
 * Job of the cluster, and how soon somebody who asks the portal sees what has changed there.
 *
 * @param {{ jobs: number, changes: number, say: (line: string) => void }} options
 * @returns {Promise<Cluster>}
 *
 * @typedef {object} Cluster
 * @property {number} jobs
 * @property {number} submitSeconds - until the last one was accepted
 * @property {number} createdSeconds - until the last one had its Job
 * @property {number[]} createdMillis - of each from its request to its Job
 * @property {number[]} lagMillis - from the cluster's answer to who changed a pod's status until the portal's API said so
 */
export async function measureCluster({ jobs, changes, say }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-training-'));
  // The database server may run as another user.
  chmodSync(folder, 0o755);
  // In a process of its own, since the data folder is a setting of the whole process.
  const child = fork(
    fileURLToPath(new URL('clusterStack.mjs', import.meta.url)),
    [String(jobs), String(changes)],
    {
      env: { ...process.env, GREENROOM_DATA_DIR: path.join(folder, 'data') },
    },
  );
  try {
    let measured;
    child.on('message', message => {
      const { line, result } = /** @type {any} */ (message);
      if (line) say(line);
      if (result) measured = result;
    });
    const [code] = await once(child, 'exit');
    if (code !== 0 || !measured) {
      throw new Error(`the stack of the benchmark ended with ${code}`);
    }
    return measured;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
