import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/**
 * Tells each line of a text, as far as it is not too long: a program that prints without end
 * between two of them must not fill the memory of who reads it.
 *
 * @param onLine - gets the beginning of a line that is longer, and whether it is
 */
export function readLines(
  input: Readable,
  maxCharacters: number,
  onLine: (line: string, isCut: boolean) => void,
): void {
  const decoder = new StringDecoder('utf8');
  let line = '';
  let isCut = false;
  const add = (text: string) => {
    const room = maxCharacters - line.length;
    line += text.slice(0, room);
    isCut ||= text.length > room;
  };
  const end = () => {
    onLine(line.endsWith('\r') && !isCut ? line.slice(0, -1) : line, isCut);
    line = '';
    isCut = false;
  };
  input.on('data', (chunk: Buffer) => {
    const [first, ...others] = decoder.write(chunk).split('\n');
    add(first);
    for (const other of others) {
      end();
      add(other);
    }
  });
  input.once('close', () => {
    if (line !== '') end();
  });
}
