// @ts-check
/** A failure that a person can act on: its message says what to do. Printed without a stack trace. */
export class UserError extends Error {
  name = 'UserError';
}

const plain = !process.stdout.isTTY || process.env.NO_COLOR;
const paint = code => text => plain ? text : `\u001b[${code}m${text}\u001b[0m`;

export const bold = paint('1');
export const dim = paint('2');
export const green = paint('32');
export const red = paint('31');
export const yellow = paint('33');

/** How often a long step says that it is still alive when the output is no terminal. */
const STILL_RUNNING_MILLIS = 15_000;

/**
 * Runs one step of a longer job with visible progress: a ticking line on a terminal, a line at
 * its start, end and every 15 seconds elsewhere.
 *
 * @param {string} title - what is being done
 * @param {(update: (detail: string) => void) => Promise<T>} work
 * @template T
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const startedAt = Date.now();
  const seconds = () => `${((Date.now() - startedAt) / 1000).toFixed(0)} s`;
  let detail = '';
  const draw = () => {
    const line = `  … ${title} ${dim(`${seconds()} ${detail}`)}`;
    process.stdout.write(`\r\u001b[K${line.slice(0, 160)}`);
  };
  const timer = process.stdout.isTTY
    ? setInterval(draw, 250)
    : setInterval(
        () => console.log(`  … ${title} ${seconds()} ${detail}`),
        STILL_RUNNING_MILLIS,
      );
  if (process.stdout.isTTY) draw();
  const finish = (mark, note) => {
    clearInterval(timer);
    const clear = process.stdout.isTTY ? '\r\u001b[K' : '';
    console.log(`${clear}  ${mark} ${title} ${dim(note)}`);
  };
  try {
    const result = await work(text => {
      detail = text;
    });
    finish(green('✓'), seconds());
    return result;
  } catch (error) {
    finish(red('✗'), seconds());
    throw error;
  }
}

/** Ends the process with the sentence of a {@link UserError}, or the stack of anything else. */
export function fail(error) {
  if (error instanceof UserError) {
    console.error(`\n${red('Greenroom cannot go on.')} ${error.message}\n`);
  } else if (error.code === 'ERR_MODULE_NOT_FOUND') {
    console.error(
      `\n${red(
        'Greenroom cannot go on.',
      )} The installed packages are damaged (${
        error.message
      }): delete the folder node_modules and start again.\n`,
    );
  } else {
    console.error(error);
  }
  process.exit(1);
}
