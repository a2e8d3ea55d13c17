// @ts-check
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startControlPlane } from './controlPlane.mjs';
import { startServer } from './startServer.mjs';

export const KEY = 'gr_bench_0123456789abcdef';
export const CONNECTIONS = Number(process.env.CONNECTIONS ?? 64);
/** As callers of the data plane send them. */
export const HEADERS = {
  'content-type': 'application/json',
  authorization: `Bearer ${KEY}`,
};

export const here = name => fileURLToPath(new URL(name, import.meta.url));

export const say = line => process.stdout.write(`${line}\n`);

/** What a run took place on, which goes with its figures. */
export function describeMachine() {
  return `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${
    cpus()[0].model
  }, ${availableParallelism()} CPUs, load ${loadavg()[0].toFixed(1)}`;
}

export function buildDataPlane() {
  execFileSync(process.execPath, [
    here('../../packages/inference-server/build.mjs'),
  ]);
}

/** Starts servers, and sees that all of them end. */
export class Stage {
  #directory = mkdtempSync(join(tmpdir(), 'bench-infer-'));
  #stops = [];
  #dataPlanes = 0;

  /** @param {string} name */
  file(name) {
    return join(this.#directory, name);
  }

  /** @param {() => void} stop */
  onEnd(stop) {
    this.#stops.push(stop);
  }

  /**
   * @param {any} options - as of the control plane, which is started too
   * @param {Record<string, string>} [env]
   */
  async dataPlane(options, env = {}) {
    const controlPlane = await startControlPlane({ key: KEY, ...options });
    this.onEnd(controlPlane.close);
    this.#dataPlanes++;
    const directory = this.file(`data-${this.#dataPlanes}`);
    const server = await this.server(
      here('../../packages/inference-server/dist/main.cjs'),
      (port, adminPort, grpcPort) => ({
        GREENROOM_CONTROL_PLANE_URL: controlPlane.url,
        GREENROOM_CONTROL_PLANE_TOKEN: 'bench-token',
        GREENROOM_DATA_DIR: directory,
        GREENROOM_PORT: String(port),
        GREENROOM_ADMIN_PORT: String(adminPort),
        GREENROOM_GRPC_PORT: String(grpcPort),
        ...env,
      }),
      '/v2/health/ready',
    );
    return { ...server, controlPlane };
  }

  async server(file, env, readyPath, command) {
    const server = await startServer(file, env, readyPath, command);
    this.onEnd(server.stop);
    return server;
  }

  echo() {
    return this.server(
      here('echoServer.mjs'),
      port => ({ PORT: String(port) }),
      '/metrics',
    );
  }

  async end() {
    for (const stop of this.#stops.reverse()) stop();
    await sleep(500);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** What calls a model over REST with JSON, or with the headers and bodies that are given. */
export function restSide(name, server, { model, bodies, headers = HEADERS }) {
  return {
    name,
    pid: server.pid,
    options: {
      url: `${server.url}/v2/models/${model}/infer`,
      headers,
      bodies,
      connections: CONNECTIONS,
    },
  };
}

/** @param {(string | number)[][]} rows - the first one is the heading */
export function table(rows) {
  const widths = rows[0].map((_, i) =>
    Math.max(...rows.map(row => String(row[i]).length)),
  );
  const line = row =>
    `| ${row
      .map((cell, i) =>
        i === 0
          ? String(cell).padEnd(widths[i])
          : String(cell).padStart(widths[i]),
      )
      .join(' | ')} |`;
  const rule = `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`;
  const [heading, ...others] = rows;
  return [line(heading), rule, ...others.map(line)].join('\n');
}
