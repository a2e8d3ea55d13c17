// @ts-check
import { spawnSync } from 'node:child_process';
import { UserError } from '../../lib/output.mjs';

const KNOWN = ['docker', 'podman'];

/**
 * The container engine of this machine, with its own options: `GREENROOM_CONTAINER_ENGINE`, or the first of docker and
 * podman that answers.
 *
 * @param {Record<string, string | undefined>} variables
 * @param {(words: string[]) => boolean} [answers] - whether an engine is there; asks it when left out
 * @returns {string[]} the words that a command begins with
 */
export function findEngine(variables, answers = isRunning) {
  const named = variables.GREENROOM_CONTAINER_ENGINE;
  const candidates = (named ? [named] : KNOWN).map(text =>
    text.split(/\s+/).filter(Boolean),
  );
  const found = candidates.find(answers);
  if (found) return found;
  throw new UserError(
    named
      ? `GREENROOM_CONTAINER_ENGINE is '${named}', and \`${named} info\` fails: expected a container engine that runs, such as docker.`
      : 'This drill builds and starts images, and no container engine answers: start Docker or install Podman, or name one with GREENROOM_CONTAINER_ENGINE.',
  );
}

/**
 * How a container is started as the compose file hardens it, in the machine's own network.
 *
 * @param {{ name: string, image: string, mounts?: Record<string, string>, variables?: Record<string, string>, operands?: string[], extra?: string[] }} container
 *   `mounts` are folders and files of this machine by their path in the container, read-only; `extra` are more options
 *   of the engine
 */
export function runArguments({
  name,
  image,
  mounts = {},
  variables = {},
  operands = [],
  extra = [],
}) {
  return [
    'run',
    '--rm',
    '--name',
    name,
    '--network',
    'host',
    '--read-only',
    '--tmpfs',
    '/tmp',
    '--cap-drop',
    'ALL',
    '--security-opt',
    'no-new-privileges',
    // Writable by the image's own user, as a named volume is.
    '--volume',
    `${name}:/var/lib/greenroom`,
    ...Object.entries(mounts).flatMap(([place, file]) => [
      '--volume',
      `${file}:${place}:ro`,
    ]),
    ...Object.entries(variables).flatMap(([variable, value]) => [
      '--env',
      `${variable}=${value}`,
    ]),
    ...extra,
    image,
    ...operands,
  ];
}

/** @param {string[]} words */
function isRunning(words) {
  const [program, ...options] = words;
  return spawnSync(program, [...options, 'info']).status === 0;
}
