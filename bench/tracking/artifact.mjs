// @ts-check
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  createReadStream,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import path from 'node:path';

const MIB = 1024 * 1024;
const LOOK_MILLIS = 50;
/** Of what is read and sent at once. */
const CHUNK_BYTES = MIB;

/** At least so much of what `cp` does in the same time. */
export const LEAST_OF_COPY = 0.5;
/** The control plane may have so much more memory while a file goes through it. */
export const MOST_GROWTH_MIB = 200;

/**
 * A large file up and down again through the proxy of artifacts, beside a copy of it on the same disk.
 *
 * @param {{ url: string, token: string, api: { post(path: string, body: object): Promise<any> }, pid: number, directory: string, mib: number }} options
 *   `url` is that of MLflow's API here, `pid` that of the control plane
 * @returns {Promise<{ copySeconds: number, upSeconds: number, downSeconds: number, growthMib: number }>}
 */
export async function measureArtifact({
  url,
  token,
  api,
  pid,
  directory,
  mib,
}) {
  const file = path.join(directory, 'large.bin');
  const digest = writeRandom(file, mib);
  const { experiment_id } = await api.post('experiments/create', {
    name: `large-${Date.now()}`,
  });
  const { run } = await api.post('runs/create', {
    experiment_id,
    start_time: Date.now(),
  });
  const target = `${url}/api/2.0/mlflow-artifacts/artifacts/${run.info.artifact_uri.replace(
    'mlflow-artifacts:/',
    '',
  )}/large.bin`;
  const authorization = `Bearer ${token}`;
  const copySeconds = copy(file);
  const before = memoryMib(pid);
  let most = before;
  const looks = setInterval(() => {
    most = Math.max(most, memoryMib(pid));
  }, LOOK_MILLIS);
  try {
    const upSeconds = await upload(target, file, { authorization, mib });
    const down = await download(target, { authorization });
    if (down.digest !== digest) {
      throw new Error('what came back is not what was sent');
    }
    return {
      copySeconds,
      upSeconds,
      downSeconds: down.seconds,
      growthMib: most - before,
    };
  } finally {
    clearInterval(looks);
    rmSync(file);
  }
}

/**
 * @param {Awaited<ReturnType<typeof measureArtifact>>} measured
 * @returns {string[]} a sentence for each bound that does not hold
 */
export function judgeArtifact({
  copySeconds,
  upSeconds,
  downSeconds,
  growthMib,
}) {
  const broken = [];
  for (const [way, seconds] of Object.entries({
    up: upSeconds,
    down: downSeconds,
  })) {
    const share = copySeconds / seconds;
    if (!(share >= LEAST_OF_COPY)) {
      broken.push(
        `a large artifact goes ${way} at ${share.toFixed(
          2,
        )} of what cp does, expected ${LEAST_OF_COPY}`,
      );
    }
  }
  if (growthMib > MOST_GROWTH_MIB) {
    broken.push(
      `the control plane has ${Math.round(
        growthMib,
      )} MiB more while a large artifact goes through it, expected ${MOST_GROWTH_MIB} at most`,
    );
  }
  return broken;
}

/** Bytes that no disk makes smaller, as far as one can tell; as safe on the disk as an artifact is. */
function writeRandom(file, mib) {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(MIB);
  for (let at = 0; at < MIB; at += 4) {
    chunk.writeUInt32LE((Math.random() * 2 ** 32) >>> 0, at);
  }
  const handle = openSync(file, 'w');
  for (let index = 0; index < mib; index++) {
    chunk.writeUInt32LE(index);
    writeSync(handle, chunk);
    hash.update(chunk);
  }
  fsyncSync(handle);
  closeSync(handle);
  return hash.digest('hex');
}

/** With what makes it safe on the disk, as an artifact is before its sender is told that it is there. */
function copy(file) {
  const to = `${file}.copy`;
  const start = performance.now();
  const copied = spawnSync('cp', ['--reflink=never', file, to]);
  if (copied.status !== 0) throw new Error(`cp: ${copied.stderr}`);
  const handle = openSync(to, 'r+');
  fsyncSync(handle);
  closeSync(handle);
  const seconds = (performance.now() - start) / 1_000;
  rmSync(to);
  return seconds;
}

async function upload(target, file, { authorization, mib }) {
  const start = performance.now();
  const asked = request(target, {
    method: 'PUT',
    headers: {
      authorization,
      'content-type': 'application/octet-stream',
      'content-length': mib * MIB,
    },
  });
  createReadStream(file, { highWaterMark: CHUNK_BYTES }).pipe(asked);
  const [response] = await once(asked, 'response');
  const answered = [];
  for await (const chunk of response) answered.push(chunk);
  if (response.statusCode !== 200) {
    throw new Error(
      `PUT of a large file: ${response.statusCode} ${Buffer.concat(answered)}`,
    );
  }
  return (performance.now() - start) / 1_000;
}

async function download(target, { authorization }) {
  const start = performance.now();
  const asked = request(target, { headers: { authorization } });
  asked.end();
  const [response] = await once(asked, 'response');
  if (response.statusCode !== 200) {
    throw new Error(`GET of a large file: ${response.statusCode}`);
  }
  const hash = createHash('sha256');
  for await (const chunk of response) hash.update(chunk);
  return {
    digest: hash.digest('hex'),
    seconds: (performance.now() - start) / 1_000,
  };
}

function memoryMib(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}
