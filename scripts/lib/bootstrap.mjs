// @ts-check
import { spawn } from 'node:child_process';
import path from 'node:path';
import { ensureDependencies } from './dependencies.mjs';
import { fail } from './output.mjs';
import { root } from './paths.mjs';
import { ensureNode } from './toolchain.mjs';

/**
 * Makes the machine ready (a supported Node, the packages of the lock file) and then runs a script
 * under that Node, passing signals on and ending with its exit code.
 *
 * @param {string} script - path below the repository's top folder
 * @param {{ check?: () => Promise<void> }} [options] - `check` finds trouble before the long work
 */
export async function bootstrap(script, { check } = {}) {
  try {
    await check?.();
    const toolchain = await ensureNode();
    await ensureDependencies(toolchain);
    const child = spawn(
      toolchain.node,
      [path.join(root, script), ...process.argv.slice(2)],
      { cwd: root, env: toolchain.env, stdio: 'inherit' },
    );
    // A terminal sends Ctrl-C to the whole process group, so the child has it already; an
    // explicit `kill` reaches only this process.
    process.on('SIGINT', () => {});
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.once('exit', (code, signal) =>
      process.exit(code ?? (signal ? 1 : 0)),
    );
  } catch (error) {
    fail(error);
  }
}
