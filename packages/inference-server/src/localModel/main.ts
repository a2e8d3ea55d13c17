import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorMessage } from '../errors';
import { LlamaEngine } from './LlamaEngine';
import { LocalModelHttp } from './LocalModelHttp';
import type { ProgramMessage, StartMessage } from './messages';

/** Larger than any prompt that fits the context. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const SIGKILL = 'SIGKILL';

/**
 * A process that runs one local language model and speaks OpenAI's API on the loopback
 * interface, for the process that started it and as long as that one lives.
 */
async function main(): Promise<void> {
  if (!process.send) {
    process.stderr.write('the data plane starts this program by itself\n');
    process.exit(78);
  }
  // The other end is closed, also when the parent was killed. Threads of llama.cpp do not
  // hold it up.
  process.on('disconnect', () => process.kill(process.pid, SIGKILL));
  const [start]: StartMessage[] = await once(process, 'message');
  try {
    await serve(start);
  } catch (error) {
    tell({ type: 'failed', reason: errorMessage(error) });
    process.disconnect();
  }
}

async function serve(start: StartMessage): Promise<void> {
  const engine = await LlamaEngine.load({
    ...start,
    onWarning: message => process.stderr.write(`${message.trimEnd()}\n`),
  });
  const front = new LocalModelHttp({ ...start, engine });
  let lastMillis = performance.now();
  const server = createServer(async (request, response) => {
    lastMillis = performance.now();
    const body = await read(request);
    if (body === undefined) {
      request.destroy();
      return;
    }
    const { method = '', url: path = '', headers } = request;
    await front.answer({ method, path, headers, body }, response);
    lastMillis = performance.now();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  tell({ type: 'serving', port: (server.address() as AddressInfo).port });
  setInterval(() => {
    const quietMillis = performance.now() - lastMillis;
    if (front.idle && quietMillis >= start.idleMillis) tell({ type: 'idle' });
  }, start.idleMillis / 2);
}

/** @returns undefined for a body that is too large, or of a caller that has gone */
async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

function tell(message: ProgramMessage): void {
  process.send?.(message);
}

main();
