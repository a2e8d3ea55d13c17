import { join } from 'node:path';
import type { Socket } from 'node:net';
import { beAlive } from '../beAlive';
import type { Config } from '../config';
import {
  createServer,
  type Entrance,
  type InferenceServer,
} from '../createServer';
import { createLogger, type Logger } from '../logger';
import { ClosedCount } from './ClosedCount';
import { divideConfig } from './divideConfig';
import { stateFolders } from './inheritState';
import type { Assignment, FromProcess, ToProcess } from './messages';
import { stopMillisOf } from './stopMillisOf';

/**
 * One of several serving processes: a whole data plane that does not listen, and is given its
 * connections by the supervisor. It ends, in order, when that tells it to or is gone.
 */
export function runServingProcess(options: {
  config: Config;
  assignment: Assignment;
  localModelProgram: string;
  modelWorkerProgram: string;
  /** Ends this process. */
  exit: (server: InferenceServer, logger: Logger, status: number) => void;
}): void {
  const { assignment, config, exit } = options;
  const { slot, reached } = assignment;
  const logger = createLogger({
    level: config.logLevel,
    always: { process: slot },
  });
  const folders = stateFolders(
    join(config.dataDirectory, config.environment),
    config.processes,
  );
  const tell = (message: FromProcess) => {
    if (process.connected) process.send!(message, () => {});
  };
  const closed = new ClosedCount(connections =>
    tell({ type: 'closed', connections }),
  );
  let hasLeft = () => {};
  const left = new Promise<void>(resolve => {
    hasLeft = resolve;
  });
  const server = createServer({
    // Operators and callers know all of them by one address.
    config: divideConfig({
      ...config,
      publicUrl: config.publicUrl ?? reached.url,
    }),
    logger,
    localModelProgram: options.localModelProgram,
    modelWorkerProgram: options.modelWorkerProgram,
    shared: {
      reached,
      directory: folders[slot - 1],
      siblings: folders.filter((_, index) => index !== slot - 1),
      earlier: folders.slice(0, slot - 1),
      async leave() {
        tell({ type: 'leaving' });
        if (!process.connected) hasLeft();
        await left;
      },
    },
  });

  const tellHow = () => tell({ type: 'alive', isReady: server.isReady });
  let stopping = false;
  const stop = (why: Record<string, string>) => {
    if (stopping) return;
    stopping = true;
    logger.info('stopping', why);
    const stopped = server.stop();
    // Others, if there are any, get the next connections.
    tellHow();
    stopped.then(
      () => exit(server, logger, 0),
      error => {
        logger.error('not stopped cleanly', { error: String(error) });
        exit(server, logger, 1);
      },
    );
  };
  const take = (
    { entrance, id }: { entrance: Entrance; id: number },
    socket?: Socket,
  ) => {
    // Said before anything is read: until then it could go to another process.
    tell({ type: 'taken', id });
    if (!socket) return;
    socket.once('close', () => closed.add(entrance));
    server.take(entrance, socket);
  };
  process.on('message', (message: ToProcess, handle) => {
    if (message.type === 'connection') take(message, handle as Socket);
    else if (message.type === 'stop') stop({ reason: 'the supervisor stops' });
    else if (message.type === 'left') hasLeft();
    else {
      tell({ type: 'metrics', id: message.id, page: server.writeMetrics() });
    }
  });
  process.once('disconnect', () => {
    hasLeft();
    stop({ reason: 'the supervisor has gone' });
    // Nobody else is left to end it.
    setTimeout(
      () => process.kill(process.pid, 'SIGKILL'),
      stopMillisOf(config),
    ).unref();
  });
  process.on('SIGTERM', () => stop({ signal: 'SIGTERM' }));
  // A terminal's Ctrl-C reaches all processes, and the supervisor tells this one.
  process.on('SIGINT', () => {});

  // It does not end while there is nothing to do; somebody may have said that a child may.
  process.channel?.ref();
  beAlive(tellHow);
  tell({ type: 'open' });
  server.start().then(
    () => tell({ type: 'serving', isReady: server.isReady }),
    error => {
      if (stopping) return;
      logger.error('not started', { error: String(error) });
      exit(server, logger, 1);
    },
  );
}
