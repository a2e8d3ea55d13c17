import { CommandError, EXIT_CODES } from '../CommandError';

/** More than a data plane takes. */
const MAX_SECRET_BYTES = 64 * 1024;
const ENTER = ['\r', '\n'];
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const BACKSPACE = ['\u007f', '\b'];

/** Standard input: a terminal, or anything else. */
export interface SecretInput extends AsyncIterable<Buffer | string> {
  isTTY?: boolean;
  setRawMode?(on: boolean): unknown;
}

/**
 * Reads a value that nobody sees: a line of a terminal, or all of a pipe.
 *
 * @throws CommandError when there is none, it is too long, or Ctrl+C was pressed
 */
export async function readSecret(
  name: string,
  { input, complain }: { input: SecretInput; complain(text: string): void },
): Promise<string> {
  const value = (
    input.isTTY && input.setRawMode
      ? await readLine(name, input, complain)
      : await readAll(input)
  ).trim();
  if (value === '') {
    throw new CommandError(
      `nothing came for the secret ${name}: expected its value on standard input`,
      EXIT_CODES.failed,
    );
  }
  return value;
}

async function readAll(input: SecretInput): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > MAX_SECRET_BYTES) throw tooLong();
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Keys are not shown while the terminal gives them one by one. */
async function readLine(
  name: string,
  input: SecretInput,
  complain: (text: string) => void,
): Promise<string> {
  // Not on standard output, which may go to a file.
  complain(`Value of the secret ${name}, which is not shown, then Enter:`);
  input.setRawMode?.(true);
  try {
    let characters: string[] = [];
    for await (const chunk of input) {
      for (const character of String(chunk)) {
        if (character === CTRL_C) {
          throw new CommandError('stopped', EXIT_CODES.interrupted);
        }
        if (ENTER.includes(character) || character === CTRL_D) {
          return characters.join('');
        }
        characters = BACKSPACE.includes(character)
          ? characters.slice(0, -1)
          : [...characters, character];
      }
      if (characters.length > MAX_SECRET_BYTES) throw tooLong();
    }
    return characters.join('');
  } finally {
    input.setRawMode?.(false);
  }
}

function tooLong(): CommandError {
  return new CommandError(
    `the secret is longer than ${MAX_SECRET_BYTES} bytes, which no data plane takes`,
    EXIT_CODES.failed,
  );
}
